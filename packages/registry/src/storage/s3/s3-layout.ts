import { randomBytes } from "node:crypto";

import { checkKey, checkPrefix, checkUploadId, isUploadId, UPLOADS } from "../key-syntax.ts";

/**
 * Names of objects in the bucket, all behind the configured prefix:
 *
 *     <key>                        an object
 *     uploads/<id>/<name>          an upload: its multipart upload, and the object when that is complete
 *     uploads/<id>/<name>-<n>      its last bytes, too few for a part, at the n-th flush
 *     uploads/<id>/<name>-copy     which multipart upload a large one is being copied to: its id, a space, its key
 */
export class S3Layout {
  readonly #prefix: string;

  /** @param prefix empty or ending in `/` */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** @throws {TypeError} for a bad key */
  object(key: string): string {
    checkKey(key);
    return this.#prefix + key;
  }

  /** @throws {TypeError} for a bad prefix */
  objects(prefix: string): string {
    checkPrefix(prefix);
    return this.#prefix + prefix;
  }

  /** The key of an object, undefined when it is none of ours. */
  keyOf(name: string): string | undefined {
    const key = name.slice(this.#prefix.length);
    try {
      checkKey(key);
      return key;
    } catch {
      return undefined;
    }
  }

  get uploads(): string {
    return this.#prefix + UPLOADS;
  }

  /** Before everything that an upload stores. @throws {TypeError} for a bad id */
  upload(id: string): string {
    checkUploadId(id);
    return `${this.uploads}${id}/`;
  }

  /** The id of the upload that something belongs to, undefined when it is none of ours. */
  uploadIdOf(name: string): string | undefined {
    const [id = ""] = name.slice(this.uploads.length).split("/", 1);
    return isUploadId(id) ? id : undefined;
  }

  static randomName(): string {
    return randomBytes(8).toString("hex");
  }
}

export const COPY_SUFFIX = "-copy";
