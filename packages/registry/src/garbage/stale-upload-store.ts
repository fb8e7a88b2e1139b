import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

export interface StaleUpload {
  readonly id: string;
  readonly repository: string;
  readonly size: number;
  /** Of the blob store; empty: there is nothing left to discard. */
  readonly state: string;
  readonly touchedAt: number;
}

/** A page of sessions that nobody has touched since a time, oldest first. Index: `uploads` by touched_at. */
export async function findStaleUploads(
  db: Kysely<Tables>,
  uploadSince: number,
  last: StaleUpload | undefined,
): Promise<StaleUpload[]> {
  const { rows } = await sql<StaleUpload>`
    select u.id, coalesce(r.deleted_name, r.name) as repository, u.size, u.state, u.touched_at as "touchedAt"
    from (
      select id, repository_id, size, state, touched_at from uploads
      where touched_at < ${uploadSince}
        and (touched_at, id) > (${last?.touchedAt ?? 0}, ${last?.id ?? ""})
      order by touched_at, id limit ${sql.lit(PAGE)}
    ) u
    join repositories r on r.id = u.repository_id
    order by u.touched_at, u.id`.execute(db);
  return rows;
}

/** Ends those of some sessions that are still stale: nobody can continue them from then on. @returns their ids */
export async function endStaleUploads(
  trx: Transaction<Tables>,
  ids: readonly string[],
  uploadSince: number,
): Promise<Set<string>> {
  const rows = await trx
    .updateTable("uploads")
    .set({ status: "ended" })
    .where("id", "in", ids)
    .where("touched_at", "<", uploadSince)
    .returning("id")
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Forgets sessions that have ended. */
export async function deleteEndedUploads(
  trx: Transaction<Tables>,
  ids: readonly string[],
  uploadSince: number,
): Promise<void> {
  await trx
    .deleteFrom("uploads")
    .where("id", "in", ids)
    .where("status", "=", "ended")
    .where("touched_at", "<", uploadSince)
    .execute();
}

/** Those of some sessions whose bytes are needed, or are discarded with their row. */
export async function findUploadsWithBytes(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom("uploads")
    .select("id")
    .where("id", "in", ids)
    .where((eb) => eb.or([eb("status", "=", "open"), eb("state", "<>", "")]))
    .execute();
  return new Set(rows.map(({ id }) => id));
}
