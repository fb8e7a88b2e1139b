/** Told while an image is read, indexed and written; cheap, so it may come for every chunk. */
export interface ProgressEvent {
  /** What is going on: `download`, `spool`, `index`, `write`, `upload`, `load`. */
  readonly phase: "download" | "spool" | "index" | "write" | "upload" | "load";
  /** Bytes done since the last event of this phase. */
  readonly bytes: number;
  /** Bytes of the whole phase, as far as known. The largest one told holds. */
  readonly total?: number;
}

export type OnProgress = (event: ProgressEvent) => void;
