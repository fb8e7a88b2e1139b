import type { Database } from "./database.ts";
import { openSqlite } from "./sqlite/open-sqlite.ts";
import type { OnQuery } from "./watched.ts";

export type DatabaseOptions =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string; readonly poolSize?: number };

/** Opens the database and brings its tables to the version of this code. */
export async function openDatabase(options: DatabaseOptions, onQuery?: OnQuery): Promise<Database> {
  if (options.kind === "sqlite") return openSqlite(options.path, onQuery);
  const { openPostgres } = await import("./postgres/open-postgres.ts"); // pg is loaded where it is used
  return openPostgres(options, onQuery);
}
