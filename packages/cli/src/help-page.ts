import type { FlagGroup } from "./flag.ts";

/** The help of one command as data: shown in a terminal by `--help` and written to `docs/cli.md`. */
export interface HelpPage {
  /** As it is typed, `wharf squash`. */
  readonly command: string;
  /** One line without a full stop. */
  readonly summary: string;
  /** Synopsis, one line each. */
  readonly usage: readonly string[];
  /** Paragraphs below the synopsis. */
  readonly description: readonly string[];
  /** The most common jobs first. */
  readonly examples: readonly Example[];
  readonly flagGroups: readonly FlagGroup[];
  /** What else one wants to know, as lists of term and explanation. */
  readonly sections: readonly HelpSection[];
}

export interface Example {
  readonly title: string;
  readonly command: string;
}

export interface HelpSection {
  readonly title: string;
  readonly intro?: string;
  readonly rows: readonly (readonly [term: string, explanation: string])[];
}
