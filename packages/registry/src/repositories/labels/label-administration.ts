import type { Rights } from "../../accounts/rights.ts";
import type { Database } from "../../database/database.ts";

/** What the use cases of labels work with; `Accounts.administration` has it. */
export interface LabelAdministration {
  readonly database: Database;
  readonly rights: Rights;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}
