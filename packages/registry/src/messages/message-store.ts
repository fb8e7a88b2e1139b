import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

export type MessageRow = Selectable<Tables["messages"]>;

/** The latest first. Index: messages_by_created_at. */
export async function listMessages(db: Kysely<Tables>, limit: number): Promise<MessageRow[]> {
  return db
    .selectFrom("messages")
    .selectAll()
    .where("created_at", ">", 0) // makes the index a search on SQLite
    .orderBy("created_at", "desc")
    .limit(limit)
    .execute();
}

export async function insertMessage(trx: Transaction<Tables>, row: MessageRow): Promise<void> {
  await trx.insertInto("messages").values(row).execute();
}

/** @returns false when there is none of that name */
export async function deleteMessage(trx: Transaction<Tables>, uuid: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("messages")
    .where("uuid", "=", uuid)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
