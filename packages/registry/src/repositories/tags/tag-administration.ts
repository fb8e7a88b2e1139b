import type { Administration } from "../../accounts/admin/administration.ts";
import type { Rights } from "../../accounts/rights.ts";
import type { Database } from "../../database/database.ts";

/** What the use cases of tags work with; `Accounts.administration` has it. */
export interface TagAdministration {
  readonly database: Database;
  readonly rights: Rights;
  readonly config: Pick<Administration["config"], "collection">;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}
