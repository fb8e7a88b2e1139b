/** A stretch of an open file. Descriptors belong to the process, so worker threads can read it too. */
export interface FileSlice {
  /** Open file descriptor; whoever opened it closes it. */
  readonly fd: number;
  /** First byte of the stretch in the file. */
  readonly offset: number;
  /** Length in bytes. */
  readonly size: number;
}

/**
 * Stored bytes that can be read from any position, as often as wanted: a blob of a layout, a file in an archive,
 * spooled input, later a blob of a registry.
 */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /**
   * The bytes from `start` (inclusive, default 0) to `end` (exclusive, default `size`).
   * A chunk may be reused once the next one is asked for. Fewer bytes than asked for is an error of the source.
   */
  stream(start?: number, end?: number): AsyncIterable<Uint8Array>;
  /** Present when the bytes are kept for one reading only: gives their space back, nothing can be read afterwards. */
  release?(): Promise<void>;
  /** Present when the bytes lie in an open file: a faster way to the same bytes. */
  readonly slice?: FileSlice;
}

/**
 * Takes bytes in order. The chunk belongs to the sink until the promise settles; the next call comes after that.
 * A rejection ends the transfer.
 */
export type ByteSink = (chunk: Uint8Array) => Promise<void>;
