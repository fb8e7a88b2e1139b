/** One layer as a plain tar stream. */
export interface LayerSource {
  /** Bytes of the tar stream, known before the first one is made. */
  readonly size: number;
  /** Entries in the tar, markers included; undefined where nobody counted. */
  readonly entries: number | undefined;
  /** The command that the image's history names for this layer. */
  readonly createdBy: string;
  /** The stream from its start; may be asked for several times and gives the same bytes each time. A chunk is valid until the next one is asked for. */
  chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}
