import type { Kysely, Selectable, Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import { preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import type { Tables } from "../database/tables.ts";

export type EventRow = Selectable<Tables["events"]>;

export async function insertEvent(
  trx: Transaction<Tables>,
  event: Omit<EventRow, "id">,
): Promise<void> {
  await INSERT.run(trx, event);
}

const INSERT = preparedQuery((db, parameter: Parameter<Omit<EventRow, "id">>) =>
  db.insertInto("events").values({
    kind: parameter("kind"),
    payload: parameter("payload"),
    created_at: parameter("created_at"),
  }),
);

export async function hasEvents(db: Kysely<Tables>): Promise<boolean> {
  const row = await db.selectFrom("events").select("id").limit(1).executeTakeFirst();
  return row !== undefined;
}

/** The oldest events; on PostgreSQL without those that another process is taking. */
export async function lockEvents(
  trx: Transaction<Tables>,
  dialect: Database["dialect"],
  limit: number,
): Promise<EventRow[]> {
  return trx
    .selectFrom("events")
    .selectAll()
    .orderBy("id")
    .limit(limit)
    .$if(dialect === "postgres", (query) => query.forUpdate().skipLocked())
    .execute();
}

export async function deleteEvents(
  trx: Transaction<Tables>,
  events: readonly EventRow[],
): Promise<void> {
  const ids = events.map(({ id }) => id);
  await trx.deleteFrom("events").where("id", "in", ids).execute();
}
