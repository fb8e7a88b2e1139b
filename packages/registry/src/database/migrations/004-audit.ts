import type { Kysely } from "kysely";
import { required } from "./columns.ts";
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
  for (const [name, columns] of INDEXES) {
    await db.schema
      .createIndex(name)
      .on("audit_log")
      .columns([...columns])
      .execute();
  }

  await db.schema
    .createTable("audit_days")
    .addColumn("day", integer, required)
    .addColumn("namespace_id", integer, required)
    .addColumn("repository_id", integer, required)
    .addColumn("performer", text, required)
    .addColumn("kind", text, required)
    .addColumn("entries", integer, required)
    .addPrimaryKeyConstraint("audit_days_pk", [
      "day",
      "namespace_id",
      "repository_id",
      "performer",
      "kind",
    ])
    .$call(keyedTable)
    .execute();
}

/**
 * Whatever a list filters by is equal in one of these, and the rest is the order of the list, so a page costs the same
 * however rare its entries are. A list of all kinds, or of some, merges one walk for each kind.
 */
const INDEXES = [
  ["audit_log_by_time", ["at", "id"]],
  ["audit_log_by_kind", ["kind", "at", "id"]],
  ["audit_log_by_performer", ["performer", "kind", "at", "id"]],
  ["audit_log_by_namespace", ["namespace_id", "kind", "at", "id"]],
  ["audit_log_by_namespace_performer", ["namespace_id", "performer", "kind", "at", "id"]],
  ["audit_log_by_repository", ["repository_id", "kind", "at", "id"]],
  ["audit_log_by_repository_performer", ["repository_id", "performer", "kind", "at", "id"]],
] as const;
