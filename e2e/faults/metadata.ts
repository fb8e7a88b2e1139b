import { DatabaseSync } from "node:sqlite";

import { run } from "../command.ts";

/** The registry's database, as an operator with a SQL shell sees it. */
export interface Metadata {
  /** Rows of a query; numbers and texts only. The caller knows the shape. */
  rows<T>(query: string): Promise<T[]>;
  change(statement: string): Promise<void>;
}

export function sqliteMetadata(path: string): Metadata {
  const open = (readOnly: boolean): DatabaseSync =>
    new DatabaseSync(path, { readOnly, timeout: 10_000 });
  return {
    async rows<T>(query: string): Promise<T[]> {
      using database = open(true);
      return database.prepare(query).all() as T[]; // see above
    },
    async change(statement) {
      using database = open(false);
      database.exec(statement);
    },
  };
}

/** Through `psql`. */
export function postgresMetadata(url: string): Metadata {
  const psql = (sql: string): Promise<string> =>
    run("psql", ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", sql, url]);
  return {
    async rows<T>(query: string): Promise<T[]> {
      const text = await psql(`select coalesce(json_agg(r), '[]') from (${query}) r`);
      return JSON.parse(text) as T[]; // see above
    },
    async change(statement) {
      await psql(statement);
    },
  };
}
