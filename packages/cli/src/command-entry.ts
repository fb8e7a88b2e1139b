import type { Command } from "./command.ts";

/** A verb as the overview lists it. */
export interface CommandEntry {
  /** What is typed after `wharf`: one word, or several, such as `admin user create`. */
  readonly name: string;
  readonly summary: string;
  /** Loaded on use: `wharf version` does not wait for the image library. */
  readonly load: () => Promise<Command>;
}

/** Verbs that begin with the same word and have one line in the overview; `wharf help GROUP` lists them. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
}
