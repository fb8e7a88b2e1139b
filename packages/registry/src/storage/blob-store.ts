import type { ByteSource } from "@wharf/image";

/**
 * Where bytes live: a folder or an S3 bucket. Knows keys, not digests, repositories or rights.
 *
 * Keys are paths of lower-case letters, digits, `.`, `_`, `-` and `/`, made by `object-keys.ts` alone. An object
 * appears whole or not at all, never changes, and is durable when the call that made it has resolved. All drivers pass
 * `blob-store-suite.ts`.
 */
export interface BlobStore extends AsyncDisposable {
  /** @throws {StorageError} `not-found` */
  open(key: string): Promise<StoredObject>;
  /** Size in bytes, or undefined when there is no such object. */
  stat(key: string): Promise<number | undefined>;
  /** Stores a small object, at most some MiB. An object that is there already is replaced as a whole. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Deletes an object; one that is not there is no error. Transfers under way may finish or break off. */
  delete(key: string): Promise<void>;
  /** Every object whose key begins with `prefix`, in no particular order; those made meanwhile may be missing. */
  list(prefix: string): AsyncIterable<ObjectEntry>;

  /**
   * Begins or continues an upload.
   *
   * @param id names the upload; `[a-z0-9-]`, at most 64 characters. One writer at a time, the caller sees to it
   * @param state from {@link UploadWriter.flush}; whatever was written after that is cut off. Undefined: from the start
   * @throws {StorageError} `not-found` when what `state` tells of is gone
   */
  openUpload(id: string, state: string | undefined): Promise<UploadWriter>;
  /** Throws away an upload and what it stored; one that is not there is no error. */
  discardUpload(id: string, state: string | undefined): Promise<void>;
  /** Leftovers of uploads: everything openUpload has stored and neither commit nor discard has taken away. */
  listUploads(): AsyncIterable<{
    readonly id: string;
    readonly bytes: number;
    readonly changedAt: number;
  }>;

  /** Optional: a URL under which the client itself can GET the object for some minutes. */
  readonly redirect?: (key: string, options: RedirectOptions) => Promise<string>;
  /** Optional: bytes that can still be stored. */
  readonly free?: () => Promise<number>;
}

/** A stored object, open for reading until it is disposed. Where `slice` is present, its descriptor is open as well. */
export interface StoredObject extends ByteSource, AsyncDisposable {}

export interface ObjectEntry {
  readonly key: string;
  readonly size: number;
  /** When it appeared under this key, milliseconds since 1970. */
  readonly changedAt: number;
}

export interface RedirectOptions {
  /** Value of `Content-Type` that the store answers with. */
  readonly contentType: string;
  readonly contentDisposition?: string;
}

/** Appends to one upload. Calls come one after the other. After an error only `[Symbol.asyncDispose]` may be called. */
export interface UploadWriter extends AsyncDisposable {
  /** Bytes taken so far, those of earlier writers included. */
  readonly size: number;
  /** Takes a chunk; it belongs to the writer from then on. Resolves when the next one may come (back-pressure). */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes all bytes taken so far durable. @returns the state with which an upload is continued, in any process */
  flush(): Promise<string>;
  /** The bytes taken so far, for hashing them again. No `write` may follow. */
  readBack(): AsyncIterable<Uint8Array>;
  /**
   * Makes the upload the object `key`, durably; the upload is gone then. The writer is done afterwards.
   */
  commit(key: string): Promise<void>;
  // Disposing without commit keeps what `flush` has made durable; the rest may be lost.
}

/** The one error of blob stores; anything else is a fault of the driver. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: "not-found" | "full" | "unavailable";

  constructor(code: StorageError["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
