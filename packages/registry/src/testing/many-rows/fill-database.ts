import { DatabaseSync } from "node:sqlite";
import { runStatements } from "../../database/testing/postgres-server.ts";
import type { DatabaseConfig } from "../../config/config.ts";
import { fillStatements } from "./fill-statements.ts";
import type { Scale } from "./scale.ts";

/** For the connection that fills PostgreSQL: no waiting for the disk, no triggers of foreign keys, memory for sorting. */
const FASTER = [
  "set synchronous_commit = off",
  "set session_replication_role = replica",
  "set work_mem = '256MB'",
];

/**
 * Fills a migrated database that nobody has open.
 *
 * @param now milliseconds since 1970
 */
export async function fillDatabase(
  database: DatabaseConfig,
  scale: Scale,
  now: number,
  say: (line: string) => void = () => {},
): Promise<void> {
  const statements = fillStatements(database.kind, scale, now);
  const tell = (table: string, since: number): void =>
    say(`${table}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
  if (database.kind === "postgres") {
    for (const { table, sql } of statements) {
      const since = performance.now();
      await runStatements(database.url, [...FASTER, sql]);
      tell(table, since);
    }
    await runStatements(database.url, ["vacuum analyze"]);
    return;
  }
  using connection = new DatabaseSync(database.path);
  // Whoever fills a test's database can do so again.
  connection.exec(`
    pragma journal_mode = wal; pragma synchronous = off; pragma foreign_keys = off;
    pragma cache_size = -500000; pragma temp_store = memory; pragma wal_autocheckpoint = 100000`);
  for (const { table, sql } of statements) {
    const since = performance.now();
    try {
      connection.exec(sql);
    } catch (cause) {
      throw new Error(`${table} cannot be filled: ${String(cause)}\n${sql}`, { cause });
    }
    tell(table, since);
  }
  connection.exec("pragma wal_checkpoint(truncate)");
}
