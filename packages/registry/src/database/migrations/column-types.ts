import { PostgresAdapter, sql } from "kysely";
import type { ColumnDefinitionBuilder, CreateTableBuilder, Kysely, RawBuilder } from "kysely";

/** How a migration writes what the two dialects call differently. */
export interface ColumnTypes {
  /** Ordered and compared byte by byte, whatever the collation of the database is. */
  readonly text: RawBuilder<string>;
  /** 64 bits, signed. */
  readonly integer: RawBuilder<number>;
  readonly bytes: RawBuilder<Uint8Array>;
  /** Makes a column of type `integer` the primary key that counts by itself; a number never comes twice. */
  readonly identity: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** Ends the table; SQLite then checks types as PostgreSQL does. */
  readonly table: EndOfTable;
  /** Ends a table of small rows that are found by their primary key; SQLite stores the rows in its index. */
  readonly keyedTable: EndOfTable;
}

type EndOfTable = <T extends string, C extends string>(
  table: CreateTableBuilder<T, C>,
) => CreateTableBuilder<T, C>;

export function columnTypes(db: Kysely<unknown>): ColumnTypes {
  return db.getExecutor().adapter instanceof PostgresAdapter ? postgres : sqlite;
}

const sqlite: ColumnTypes = {
  text: sql`text`,
  integer: sql`integer`,
  bytes: sql`blob`,
  identity: (column) => column.primaryKey().autoIncrement(),
  table: (table) => table.modifyEnd(sql`strict`),
  keyedTable: (table) => table.modifyEnd(sql`strict, without rowid`),
};

const postgres: ColumnTypes = {
  text: sql`text collate "C"`,
  integer: sql`bigint`,
  bytes: sql`bytea`,
  identity: (column) => column.generatedByDefaultAsIdentity().primaryKey(),
  table: (table) => table,
  keyedTable: (table) => table,
};
