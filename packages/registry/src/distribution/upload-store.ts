import type { Kysely, Transaction } from "kysely";
import { preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import type { Tables } from "../database/tables.ts";

/** An upload that has stored bytes. */
export interface UploadRow {
  readonly size: number;
  readonly state: string;
  readonly status: "open" | "ended";
}

export async function findUpload(db: Kysely<Tables>, id: string): Promise<UploadRow | undefined> {
  return await FIND.first(db, { id });
}

const FIND = preparedQuery((db, parameter: Parameter<{ id: string }>) =>
  db.selectFrom("uploads").select(["size", "state", "status"]).where("id", "=", parameter("id")),
);

/**
 * Records what an upload has stored.
 *
 * @param before what was recorded when the writer began; undefined: nothing
 * @returns false when somebody else has gone on with the upload meanwhile
 */
export async function saveUpload(
  trx: Transaction<Tables>,
  id: string,
  repositoryId: number,
  before: UploadRow | undefined,
  after: { size: number; state: string },
  now: number,
): Promise<boolean> {
  if (before === undefined) {
    const row = await trx
      .insertInto("uploads")
      .values({
        id,
        repository_id: repositoryId,
        ...after,
        status: "open",
        created_at: now,
        touched_at: now,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("id")
      .executeTakeFirst();
    return row !== undefined;
  }
  const row = await trx
    .updateTable("uploads")
    .set({ ...after, touched_at: now })
    .where("id", "=", id)
    .where("status", "=", "open")
    .where("size", "=", before.size)
    .where("state", "=", before.state)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends an upload for ever; it need not have a row yet. */
export async function endUpload(
  trx: Transaction<Tables>,
  id: string,
  repositoryId: number,
  now: number,
): Promise<void> {
  await trx
    .insertInto("uploads")
    .values({
      id,
      repository_id: repositoryId,
      size: 0,
      state: "",
      status: "ended",
      created_at: now,
      touched_at: now,
    })
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet({ status: "ended", size: 0, state: "", touched_at: now }),
    )
    .execute();
}
