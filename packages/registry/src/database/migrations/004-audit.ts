import type { Kysely } from "kysely";
import { createIndex, required } from "./columns.ts";
import { columnTypes } from "./column-types.ts";

/** See tables.ts for the meaning of tables and columns. Nothing refers to other tables: the log outlives what it tells of. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { text, integer, identity, table, keyedTable } = columnTypes(db);
  await db.schema
    .createTable("audit_log")
    .addColumn("id", integer, identity)
    .addColumn("at", integer, required)
    .addColumn("kind", text, required)
    .addColumn("namespace_id", integer)
    .addColumn("namespace", text)
    .addColumn("repository_id", integer)
    .addColumn("repository", text)
    .addColumn("performer_id", integer)
    .addColumn("performer", text)
    .addColumn("performer_kind", text, required)
    .addColumn("via", text)
    .addColumn("address", text)
    .addColumn("user_agent", text)
    .addColumn("metadata", text, required)
    .$call(table)
    .execute();
  await createIndex(db, "audit_log", ["at"]);
  await createIndex(db, "audit_log", ["namespace_id", "at"]);
  await createIndex(db, "audit_log", ["repository_id", "at"]);
  await createIndex(db, "audit_log", ["performer", "at"]);
  await createIndex(db, "audit_log", ["kind", "at"]);

  await db.schema
    .createTable("audit_days")
    .addColumn("namespace_id", integer, required)
    .addColumn("repository_id", integer, required)
    .addColumn("day", integer, required)
    .addColumn("kind", text, required)
    .addColumn("performer", text, required)
    .addColumn("entries", integer, required)
    .addPrimaryKeyConstraint("audit_days_pk", [
      "namespace_id",
      "repository_id",
      "day",
      "kind",
      "performer",
    ])
    .$call(keyedTable)
    .execute();
}
