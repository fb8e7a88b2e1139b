import { ImageError } from "@wharf/image";

import { StorageError } from "../blob-store.ts";
import type { StoredObject } from "../blob-store.ts";
import type { Bucket } from "./bucket.ts";

/** Times that a transfer is taken up again without a byte in between. */
const FRUITLESS_TRIES = 3;

/** An object in the bucket. Each stream is a request of its own; one that breaks off is taken up where it was. */
export class StoredS3Object implements StoredObject {
  readonly size: number;
  readonly #bucket: Bucket;
  readonly #name: string;
  readonly #etag: string | undefined;

  /** @param etag of the content that is meant: it may be replaced meanwhile */
  constructor(bucket: Bucket, name: string, size: number, etag: string | undefined) {
    this.#bucket = bucket;
    this.#name = name;
    this.size = size;
    this.#etag = etag;
  }

  async *stream(start = 0, end: number = this.size): AsyncGenerator<Uint8Array> {
    if (end > this.size) {
      throw new ImageError("damaged", `the data ends ${end - this.size} bytes too early`, {
        offset: this.size,
      });
    }
    let position = start;
    let fruitless = 0;
    while (position < end) {
      const before = position;
      const body = await this.#bucket.get(this.#name, { start: position, end }, this.#etag);
      try {
        for await (const chunk of body) {
          const bytes = (chunk as Uint8Array).subarray(0, end - position); // no encoding is set
          position += bytes.length;
          yield bytes;
        }
      } catch (error) {
        if (!isBrokenOff(error)) throw error;
      }
      fruitless = position > before ? 0 : fruitless + 1;
      if (position < end && fruitless >= FRUITLESS_TRIES)
        throw new StorageError("unavailable", `cannot read ${this.#name}: it breaks off`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held open between streams.
  }
}

/** Errors of the connection, and that of a body which ends before its length. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && ("code" in error || error.name === "TimeoutError");
}
