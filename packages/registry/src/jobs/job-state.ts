import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { isReady, isRunning } from "./store.ts";

/** Whether a job of this kind and key waits, and whether one runs. */
export async function findJobState(
  db: Kysely<Tables>,
  job: { readonly kind: string; readonly key: string },
): Promise<{ readonly isQueued: boolean; readonly isRunning: boolean }> {
  return { isQueued: await isReady(db, job), isRunning: await isRunning(db, job) };
}
