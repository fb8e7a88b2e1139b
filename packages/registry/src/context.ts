import type { BlobStore } from "./storage/blob-store.ts";
import type { Config } from "./config/config.ts";
import type { Database } from "./database/database.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { QuotaGuard } from "./quotas/quota-guard.ts";
import type { PullRecorder } from "./usage/pull-recorder.ts";

/** What every part of a running registry shares. Made once by `start-registry.ts`. */
export interface RegistryContext {
  readonly config: Config;
  readonly database: Database;
  readonly store: BlobStore;
  readonly accounts: Accounts;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly pulls: PullRecorder;
  readonly quotas: QuotaGuard;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
