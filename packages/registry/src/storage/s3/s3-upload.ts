// One thing although long: the states of an upload on S3, and which requests lead from one to the next.
import { StorageError } from "../blob-store.ts";
import type { UploadWriter } from "../blob-store.ts";
import type { Bucket, Part } from "./bucket.ts";
import { copyObject, copyRange } from "./copy-object.ts";
import { discardStored, readObject } from "./discard-upload.ts";
import { MAX_OBJECT, MAX_PARTS, partSize } from "./part-sizes.ts";
import { isNotFound } from "./s3-error.ts";
import { S3Layout } from "./s3-layout.ts";
import { StoredS3Object } from "./stored-s3-object.ts";
import { formatState, parseState } from "./upload-state.ts";
import type { UploadState } from "./upload-state.ts";

/** Parts on their way; with the one being filled, that is what an upload holds in memory. */
const IN_FLIGHT = 2;

export interface S3UploadOptions {
  readonly bucket: Bucket;
  readonly layout: S3Layout;
  /** Bytes of the first parts. */
  readonly partSize: number;
  /** Bytes that are copied in one go at most. */
  readonly copyLimit: number;
  /** Bytes that uploads of this store keep in memory although they are stored: a flush often comes between two chunks. */
  readonly held: { bytes: number };
}

/** Beyond it such bytes are read again when the upload goes on. Uploads may wait for their next chunk by the hundreds. */
const MAX_HELD = 64 * 1024 * 1024;

/**
 * An upload is a multipart upload under a temporary name. What is too little for a part waits in memory, and is an
 * object of its own once it was flushed. Parts can't be read, so reading back makes the temporary name an object;
 * so does the commit, which then has S3 copy it. What fits into one part is put under its key at once.
 */
export class S3Upload implements UploadWriter {
  readonly #options: S3UploadOptions;
  readonly #bucket: Bucket;
  readonly #folder: string;
  /** Changed only where a completed upload is opened again. */
  #name: string = S3Layout.randomName();
  #multipart: string | undefined;
  readonly #parts: Part[] = [];
  #sentBytes = 0;
  #isComplete = false;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Part of `held`. */
  #heldBytes = 0;
  /** The pending bytes are stored and not here. */
  #isAway = false;
  #tail = 0;
  /** What the last flush has promised. */
  #durable: UploadState | undefined;
  readonly #sending: Promise<void>[] = [];
  readonly #abort = new AbortController();
  #phase: "open" | "read back" | "failed" | "closed" = "open";

  private constructor(options: S3UploadOptions, id: string) {
    this.#options = options;
    this.#bucket = options.bucket;
    this.#folder = options.layout.upload(id);
  }

  /** @throws {StorageError} `not-found` when what `state` tells of is gone */
  static async open(
    options: S3UploadOptions,
    id: string,
    text: string | undefined,
  ): Promise<S3Upload> {
    const upload = new S3Upload(options, id);
    if (text === undefined) return upload;
    const state = parseState(text);
    if (state === undefined) throw gone();
    await upload.#continue(state);
    return upload;
  }

  get size(): number {
    return this.#sentBytes + this.#pendingBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#expect("open");
    await this.#try(async () => {
      if (this.size + chunk.length > MAX_OBJECT)
        throw new StorageError("full", "S3 stores no object of more than 5 TiB");
      await this.#recall();
      this.#pending.push(chunk);
      this.#pendingBytes += chunk.length;
      // A last part may be of any size, so the last byte of a part is not sent before the next one comes.
      for (let size = this.#nextSize(); this.#pendingBytes > size; size = this.#nextSize())
        await this.#sendPart(size);
    });
  }

  async flush(): Promise<string> {
    this.#expect("open");
    return await this.#try(async () => {
      const last = this.#durable;
      if (last === undefined || last.partBytes + last.tailBytes !== this.size) {
        await this.#recall();
        await this.#drain();
        const tail = this.#tail + 1;
        if (this.#pendingBytes > 0) await this.#bucket.put(this.#tailName(tail), this.#bytes());
        // The state before may still be the one that the caller has kept.
        if (last !== undefined && last.tail > 1)
          await this.#bucket.delete(this.#tailName(last.tail - 1));
        this.#tail = tail;
        this.#durable = {
          name: this.#name,
          parts: this.#parts.length,
          partBytes: this.#sentBytes,
          tail,
          tailBytes: this.#pendingBytes,
          multipart: this.#multipart,
        };
        this.#hold();
        return formatState(this.#durable);
      }
      return formatState(last);
    });
  }

  async *readBack(): AsyncGenerator<Uint8Array> {
    this.#expect("open", "read back");
    this.#phase = "read back";
    await this.#try(async () => {
      await this.#recall();
      await this.#complete();
    });
    if (this.#isComplete) yield* this.#temporary().stream();
    else yield* this.#pending;
  }

  async commit(key: string): Promise<void> {
    const target = this.#options.layout.object(key);
    this.#expect("open", "read back");
    await this.#try(async () => {
      await this.#recall();
      await this.#complete();
      if (this.#isComplete) await this.#copy(target);
      else await this.#bucket.put(target, this.#bytes());
      this.#phase = "closed";
    });
    // The object is there, so nothing fails any more; what stays behind is in the list of uploads.
    await this.#removeTemporary().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#release();
    this.#abort.abort();
    await Promise.allSettled(this.#sending);
    // As in commit: nobody could do anything about an error.
    if (this.#durable === undefined) await this.#removeTemporary().catch(() => undefined);
  }

  async #continue(state: UploadState): Promise<void> {
    this.#name = state.name;
    this.#tail = state.tail;
    this.#durable = state;
    if (state.tailBytes > 0) {
      const bytes = await this.#tailOf(state);
      this.#pending.push(bytes);
      this.#pendingBytes = bytes.length;
    }
    if (state.multipart === undefined) return;
    this.#multipart = state.multipart;
    this.#sentBytes = state.partBytes;
    const found = await this.#partsOf(state.multipart, state.parts);
    if (found === undefined) return await this.#startAnew(state.partBytes);
    if (found.length !== state.parts || found.bytes !== state.partBytes) throw gone();
    this.#parts.push(...found.parts);
  }

  /** The next chunk may come at once or never. */
  #hold(): void {
    const { held } = this.#options;
    if (held.bytes + this.#pendingBytes <= MAX_HELD) {
      this.#heldBytes = this.#pendingBytes;
      held.bytes += this.#heldBytes;
    } else {
      this.#pending = [];
      this.#isAway = true;
    }
  }

  /** Has the pending bytes here. */
  async #recall(): Promise<void> {
    this.#release();
    if (!this.#isAway || this.#durable === undefined) return;
    this.#pending = this.#pendingBytes === 0 ? [] : [await this.#tailOf(this.#durable)];
    this.#isAway = false;
  }

  #release(): void {
    this.#options.held.bytes -= this.#heldBytes;
    this.#heldBytes = 0;
  }

  async #tailOf(state: UploadState): Promise<Buffer> {
    try {
      const bytes = await readObject(this.#bucket, this.#tailName(state.tail), state.tailBytes);
      if (bytes.length !== state.tailBytes) throw gone();
      return bytes;
    } catch (error) {
      throw isNotFound(error) ? gone(error) : error;
    }
  }

  /** The first `count` parts, undefined when there is no such multipart upload. */
  async #partsOf(
    multipart: string,
    count: number,
  ): Promise<{ parts: Part[]; length: number; bytes: number } | undefined> {
    const parts: Part[] = [];
    let bytes = 0;
    try {
      for await (const part of this.#bucket.parts(this.#folder + this.#name, multipart)) {
        if (part.number > count) break; // was sent after the flush: it is sent again, or left out at the end
        parts.push({ number: part.number, etag: part.etag });
        bytes += part.size;
      }
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
    return { parts, length: parts.length, bytes };
  }

  /** For an upload that a writer has completed and not committed: its first bytes are those of a new one. */
  async #startAnew(bytes: number): Promise<void> {
    const source = this.#folder + this.#name;
    const completed = await this.#bucket.head(source);
    if (completed === undefined || completed.size < bytes) throw gone();
    this.#name = S3Layout.randomName();
    const target = this.#folder + this.#name;
    this.#multipart = await this.#bucket.createMultipart(target);
    const { copyLimit } = this.#options;
    this.#parts.push(
      ...(await copyRange(this.#bucket, source, bytes, target, this.#multipart, copyLimit)),
    );
  }

  #nextSize(): number {
    return partSize(this.#parts.length + 1, this.#options.partSize);
  }

  async #sendPart(size: number): Promise<void> {
    const number = this.#parts.length + 1;
    if (number > MAX_PARTS) throw new StorageError("full", "S3 takes no more parts of an upload");
    this.#multipart ??= await this.#bucket.createMultipart(this.#folder + this.#name);
    if (this.#sending.length >= IN_FLIGHT) await this.#sending.shift();
    const sending = this.#putPart(this.#multipart, number, this.#take(size));
    sending.catch(() => undefined); // told by the call that waits for it
    this.#sending.push(sending);
  }

  async #putPart(multipart: string, number: number, bytes: Uint8Array): Promise<void> {
    const part: { number: number; etag: string } = { number, etag: "" };
    this.#parts.push(part);
    this.#sentBytes += bytes.length;
    const name = this.#folder + this.#name;
    const { signal } = this.#abort;
    const { etag } = await this.#bucket.putPart(name, multipart, number, bytes, signal);
    part.etag = etag;
  }

  /** Takes bytes from the front of what is pending. */
  #take(size: number): Uint8Array {
    const bytes = Buffer.concat(this.#pending, size); // cuts off what is more
    const last = this.#pending.at(-1);
    const rest = this.#pendingBytes - size;
    this.#pending = rest === 0 || last === undefined ? [] : [last.subarray(last.length - rest)];
    this.#pendingBytes = rest;
    return bytes;
  }

  #bytes(): Uint8Array {
    const [first] = this.#pending;
    return this.#pending.length === 1 && first !== undefined ? first : Buffer.concat(this.#pending);
  }

  /** Waits for the parts on their way. */
  async #drain(): Promise<void> {
    await Promise.all(this.#sending);
    this.#sending.length = 0;
  }

  /** Makes the temporary name an object, unless everything fits into one part and is still here. */
  async #complete(): Promise<void> {
    if (this.#isComplete || this.#multipart === undefined) return;
    if (this.#pendingBytes > 0) await this.#sendPart(this.#pendingBytes);
    await this.#drain();
    const name = this.#folder + this.#name;
    try {
      await this.#bucket.completeMultipart(name, this.#multipart, this.#parts);
    } catch (error) {
      // The answer to an earlier try may have been lost.
      if (!isNotFound(error) || (await this.#bucket.head(name))?.size !== this.size) throw error;
    }
    this.#isComplete = true;
  }

  async #copy(target: string): Promise<void> {
    const source = this.#folder + this.#name;
    await copyObject(this.#bucket, source, this.size, target, this.#options.copyLimit);
    const copied = await this.#bucket.head(target);
    if (copied?.size !== this.size)
      throw new StorageError(
        "unavailable",
        `S3 has copied ${copied?.size ?? 0} bytes of ${this.size}`,
      );
  }

  #temporary(): StoredS3Object {
    return new StoredS3Object(this.#bucket, this.#folder + this.#name, this.size, undefined);
  }

  #tailName(number: number): string {
    return `${this.#folder}${this.#name}-${number}`;
  }

  async #removeTemporary(): Promise<void> {
    if (this.#durable !== undefined)
      return await discardStored(this.#bucket, this.#folder, this.#durable);
    const name = this.#folder + this.#name;
    if (this.#isComplete) await this.#bucket.delete(name);
    else if (this.#multipart !== undefined)
      await this.#bucket.abortMultipart(name, this.#multipart);
  }

  #expect(...phases: readonly string[]): void {
    if (!phases.includes(this.#phase)) throw new TypeError(`the upload is ${this.#phase}`);
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#phase = "failed";
      // An upload that is there for its writer cannot be missing for its caller.
      if (isNotFound(error))
        throw new StorageError("unavailable", "what the upload stored is gone", error);
      throw error;
    }
  }
}

function gone(cause?: unknown): StorageError {
  return new StorageError("not-found", "what the upload stored is gone", cause);
}
