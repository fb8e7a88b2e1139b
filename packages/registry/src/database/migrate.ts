import { PostgresAdapter, sql } from "kysely";
import type { Kysely } from "kysely";
import { migrations as allMigrations } from "./migrations/migrations.ts";
import type { Migration } from "./migrations/migrations.ts";

type Versions = { migrations: { version: number; name: string; applied_at: number } };
type Transact = (work: (trx: Kysely<unknown>) => Promise<void>) => Promise<void>;

/**
 * Brings the database to the version of this code, in one transaction. Several processes may do so at once.
 *
 * @param transact runs a transaction that no other writer can be in the middle of (SQLite), or any (PostgreSQL)
 * @throws {Error} when the database was made by a newer version of Wharf
 */
export async function migrate(
  transact: Transact,
  migrations: readonly Migration[] = allMigrations,
): Promise<void> {
  await transact(async (trx) => {
    await lock(trx);
    const from = await versionOf(trx);
    if (from > migrations.length)
      throw new Error(
        `the database has version ${from}, this Wharf knows ${migrations.length}: ` +
          "it was used by a newer Wharf; start that one, or restore a backup from before the upgrade",
      );
    for (const [place, { name, up }] of migrations.entries()) {
      if (place < from) continue;
      await up(trx);
      await versions(trx)
        .insertInto("migrations")
        .values({ version: place + 1, name, applied_at: Date.now() })
        .execute();
    }
  });
}

/** Until the end of the transaction. On SQLite a transaction that may write is alone anyway. */
async function lock(trx: Kysely<unknown>): Promise<void> {
  if (!(trx.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(trx);
}
/** Any number does, as long as all versions of Wharf take the same. */
const LOCK = 8_703_412_271_553;

async function versionOf(trx: Kysely<unknown>): Promise<number> {
  await sql`create table if not exists migrations
    (version integer primary key not null, name text not null, applied_at bigint not null)`.execute(
    trx,
  );
  const { version } = await versions(trx)
    .selectFrom("migrations")
    .select(({ fn }) => fn.coalesce(fn.max("version"), sql<number>`0`).as("version"))
    .executeTakeFirstOrThrow();
  return version;
}

function versions(trx: Kysely<unknown>): Kysely<Versions> {
  return trx.$extendTables<Versions>();
}
