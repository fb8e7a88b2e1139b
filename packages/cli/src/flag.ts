/** One flag of a command. It is parsed from this, shown in the help from this and documented from this. */
export interface Flag {
  /** Long name without dashes. Taken with two dashes and, as docker-squash did, with one. */
  readonly name: string;
  /** One letter, taken with one dash. */
  readonly short?: string;
  /** What the value is called in the help; a flag without it is on or off. */
  readonly value?: string;
  /** May be given several times. */
  readonly repeatable?: boolean;
  /** What it does, and its default. One or two sentences. */
  readonly help: string;
}

/** Flags that belong together, under one heading. */
export interface FlagGroup {
  readonly title: string;
  readonly flags: readonly Flag[];
}
