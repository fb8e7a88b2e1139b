import type { ByteSource } from "../source/byte-source.ts";

/** The files of an archive, packed or unpacked, found by their names. */
export interface ArchiveFiles {
  /** What it is, for messages: `the archive` or `the folder …`. */
  readonly what: string;
  /**
   * The bytes of a file, valid as long as the archive is open; `undefined` when there is none of that name.
   *
   * @param name relative to the root of the archive; `..` and `/` never lead out of it
   * @throws {ImageError} when it is there but no regular file, or links go in a circle
   */
  find(name: string): Promise<ByteSource | undefined>;
  /**
   * A small file as a whole.
   *
   * @param maximum more bytes are an {@link ImageError} `limit`
   */
  read(name: string, maximum: number): Promise<Buffer | undefined>;
}
