import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { DAY, findPullDays } from "./pull-store.ts";

/** Pulls of one day, which is counted in days since 1970-01-01 UTC. */
export interface PullDay {
  readonly day: number;
  readonly pulls: number;
}

/**
 * Pulls of a repository in each of the last days, the oldest first; today is the last.
 *
 * @param now milliseconds since 1970
 */
export async function pullDays(
  db: Kysely<Tables>,
  repositoryId: number,
  days: number,
  now: number,
): Promise<PullDay[]> {
  const first = Math.floor(now / DAY) - days + 1;
  const counted = new Map(
    (await findPullDays(db, repositoryId, first)).map(({ day, pulls }) => [day, pulls]),
  );
  return Array.from({ length: days }, (_, at) => ({
    day: first + at,
    pulls: counted.get(first + at) ?? 0,
  }));
}
