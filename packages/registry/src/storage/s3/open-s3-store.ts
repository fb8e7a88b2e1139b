import type {
  BlobStore,
  ObjectEntry,
  RedirectOptions,
  StoredObject,
  UploadWriter,
} from "../blob-store.ts";
import { StorageError } from "../blob-store.ts";
import type { Bucket } from "./bucket.ts";
import { COPY_LIMIT } from "./copy-object.ts";
import { discardStored } from "./discard-upload.ts";
import { listLeftovers } from "./list-uploads.ts";
import { DEFAULT_PART, MIN_PART } from "./part-sizes.ts";
import { S3Layout } from "./s3-layout.ts";
import { S3Upload } from "./s3-upload.ts";
import type { S3UploadOptions } from "./s3-upload.ts";
import { StoredS3Object } from "./stored-s3-object.ts";
import { parseState } from "./upload-state.ts";

export interface S3StoreOptions {
  /** URL of the server; undefined: Amazon's for the region. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Is there already. */
  readonly bucket: string;
  /** Before every name, so that several stores can share a bucket; empty or ending in `/`. */
  readonly prefix?: string | undefined;
  /** Undefined: from the environment of the machine (roles, profiles), as the AWS SDK finds it. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** The bucket is part of the path instead of the host name. */
  readonly pathStyle?: boolean | undefined;
  /** Clients may be sent to the bucket by presigned URLs. */
  readonly redirect?: boolean | undefined;
  /** Bytes of a part of an upload, at least 5 MiB; an upload holds three of them in memory. Default 8 MiB. */
  readonly partSize?: number | undefined;
  /** Bytes that the server copies in one request; default and most 5 GiB. */
  readonly copyLimit?: number | undefined;
  /** A connection on which nothing moves for so many milliseconds is given up. Default one minute. */
  readonly idleTimeout?: number | undefined;
}

/**
 * Opens a store in a bucket of S3, or of a server that speaks its API. Several processes may use one bucket and prefix.
 *
 * @throws {StorageError} `unavailable` when the bucket cannot be reached or used, `not-found` when it is not there
 */
export async function openS3Store(options: S3StoreOptions): Promise<BlobStore> {
  const { prefix = "", partSize = DEFAULT_PART, copyLimit = COPY_LIMIT } = options;
  if (prefix !== "" && !prefix.endsWith("/")) throw new TypeError("the prefix must end in /");
  if (partSize < MIN_PART) throw new TypeError("partSize must be at least 5 MiB");
  // The SDK is large: only those who use S3 load it.
  const { Bucket } = await import("./bucket.ts");
  const bucket = new Bucket(options);
  try {
    await bucket.check();
  } catch (error) {
    bucket[Symbol.dispose]();
    throw error;
  }
  const uploads = { bucket, layout: new S3Layout(prefix), partSize, copyLimit, held: { bytes: 0 } };
  return new S3Store(uploads, options.redirect === true);
}

class S3Store implements BlobStore {
  readonly redirect?: (key: string, options: RedirectOptions) => Promise<string>;
  readonly #uploads: S3UploadOptions;
  readonly #bucket: Bucket;
  readonly #layout: S3Layout;

  constructor(uploads: S3UploadOptions, redirects: boolean) {
    this.#uploads = uploads;
    const { bucket, layout } = uploads;
    this.#bucket = bucket;
    this.#layout = layout;
    if (redirects) this.redirect = (key, options) => bucket.presign(layout.object(key), options);
  }

  async open(key: string): Promise<StoredObject> {
    const name = this.#layout.object(key);
    const found = await this.#bucket.head(name);
    if (found === undefined) throw new StorageError("not-found", `cannot open ${key}: not found`);
    return new StoredS3Object(this.#bucket, name, found.size, found.etag);
  }

  async stat(key: string): Promise<number | undefined> {
    return (await this.#bucket.head(this.#layout.object(key)))?.size;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#bucket.put(this.#layout.object(key), bytes);
  }

  async delete(key: string): Promise<void> {
    await this.#bucket.delete(this.#layout.object(key));
  }

  list(prefix: string): AsyncIterable<ObjectEntry> {
    return this.#list(this.#layout.objects(prefix));
  }

  async openUpload(id: string, state: string | undefined): Promise<UploadWriter> {
    return await S3Upload.open(this.#uploads, id, state);
  }

  async discardUpload(id: string, state: string | undefined): Promise<void> {
    const parsed = state === undefined ? undefined : parseState(state);
    await discardStored(this.#bucket, this.#layout.upload(id), parsed);
  }

  async *listUploads(): AsyncGenerator<{ id: string; bytes: number; changedAt: number }> {
    for (const [id, leftover] of await listLeftovers(this.#bucket, this.#layout))
      yield { id, ...leftover };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bucket[Symbol.dispose]();
  }

  async *#list(prefix: string): AsyncGenerator<ObjectEntry> {
    for await (const { name, size, changedAt } of this.#bucket.list(prefix)) {
      const key = this.#layout.keyOf(name);
      if (key !== undefined) yield { key, size, changedAt };
    }
  }
}
