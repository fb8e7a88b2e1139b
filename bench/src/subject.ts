/** One thing that is measured: a shell script that does the work once. */
export interface Subject {
  readonly name: string;
  /** Ours, another program that does the same work, or a part of the work that nobody can leave out. */
  readonly kind: "wharf" | "peer" | "limit";
  /** Run by `sh -e`; only this is timed. */
  readonly script: string;
  /** File or folder that the script makes; its size is told, and it is deleted before the next run. */
  readonly output?: string;
  /** Run by `sh` after each run, also one that failed; not timed. */
  readonly cleanUp?: string;
}

/** Quotes a word for `sh`. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
