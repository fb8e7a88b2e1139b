import type { Database } from "../database/database.ts";
import { addJobs } from "../jobs/add-job.ts";
import { usageJob } from "./usage-job.ts";
import { findPending } from "./usage-store.ts";

/** Namespaces of which one transaction takes care. */
const PAGE = 250;

/** Has every namespace measured of which collection may have taken something that was only kept. */
export async function measureAfterCollection(database: Database): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined;) {
    const ids = await findPending(database.read, after, PAGE);
    if (ids.length > 0) {
      const jobs = ids.map((id) => usageJob(id));
      await database.transaction((trx) => addJobs(trx, jobs));
    }
    after = ids.length < PAGE ? undefined : ids.at(-1);
  }
}
