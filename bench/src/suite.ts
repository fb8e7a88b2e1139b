import type { SuiteResult } from "./report.ts";

/** How long and how a suite is run. */
export interface SuiteOptions {
  /** Runs of each subject of ours and of each limit. */
  readonly rounds: number;
  /** Runs of each peer. */
  readonly peerRounds: number;
  /** Without `wharf` itself: to prove the harness, or where it can't run. */
  readonly peersOnly: boolean;
  /** Images of the suite `squash`; undefined: its own choice. */
  readonly images: readonly string[] | undefined;
  /** Only cases of the suite `registry` whose name holds this text; undefined: all. */
  readonly only: string | undefined;
  readonly say: (line: string) => void;
}

export type Suite = (options: SuiteOptions) => Promise<SuiteResult>;
