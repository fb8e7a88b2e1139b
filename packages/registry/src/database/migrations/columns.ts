import type { ColumnDefinitionBuilder, Kysely } from "kysely";

type Column = ColumnDefinitionBuilder;

export const required = (column: Column): Column => column.notNull();

/** For a column that comes to a table that has rows. */
export const zero = (column: Column): Column => column.notNull().defaultTo(0);

/** The row goes with the row it belongs to. */
export const partOf =
  (reference: `${string}.${string}`) =>
  (column: Column): Column =>
    column.references(reference).onDelete("cascade");

export const requiredPartOf =
  (reference: `${string}.${string}`) =>
  (column: Column): Column =>
    partOf(reference)(column).notNull();

/** Named after what it finds by: `tags_by_repository_id_and_name`. */
export async function createIndex(
  db: Kysely<unknown>,
  table: string,
  columns: readonly string[],
): Promise<void> {
  await db.schema
    .createIndex(`${table}_by_${columns.join("_and_")}`)
    .on(table)
    .columns([...columns])
    .execute();
}
