import type { ByteSink } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";

/** A blob that has been stored. */
export interface StoredBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** Where the files of an OCI layout go: a folder or an archive. Calls come one after the other. */
export interface LayoutTarget {
  /** Stores a file of the layout that is no blob, such as `index.json`. */
  file(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Stores a blob under its digest, which is known only when all bytes have come. A blob that is there already is
   * stored once.
   *
   * @param expected when given, another digest or size fails with an ImageError `damaged`
   */
  blob(produce: (sink: ByteSink) => Promise<void>, expected?: StoredBlob): Promise<StoredBlob>;
}
