import type { Command } from "./command.ts";

/** A verb as the overview lists it. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loaded on use: `wharf version` does not wait for the image library. */
  readonly load: () => Promise<Command>;
}
