import pg from "pg";
import type { Database } from "../database.ts";
import { migrate } from "../migrate.ts";
import type { OnQuery } from "../watched.ts";
import { columnValues } from "./column-values.ts";
import { PostgresDatabase } from "./postgres-database.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, or `?host=/folder` for a Unix socket. */
  readonly url: string;
  /** Connections at most, one for notifications not counted. */
  readonly poolSize?: number;
}

/**
 * Opens a PostgreSQL database, version 15 or newer, and migrates it. It must be there; its user must own the schema.
 *
 * @throws {Error} that names the host and the database, never the password
 */
export async function openPostgres(
  { url, poolSize = 10 }: PostgresOptions,
  onQuery?: OnQuery,
): Promise<Database> {
  let database: PostgresDatabase | undefined;
  try {
    const config: pg.PoolConfig = {
      connectionString: url,
      application_name: "wharf",
      types: columnValues(pg.types),
      connectionTimeoutMillis: 10_000,
      idle_in_transaction_session_timeout: 60_000,
      keepAlive: true,
    };
    const pool = new pg.Pool({ ...config, max: poolSize });
    // A connection that is lost makes the next query fail; without listeners the error would end the process.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    const opened = (database = new PostgresDatabase(pool, () => new pg.Client(config), onQuery));
    await checkServer(pool);
    await migrate((work) => opened.transaction((trx) => work(trx.$pickTables<never>())));
    return opened;
  } catch (cause) {
    await database?.[Symbol.asyncDispose]();
    throw new Error(`cannot open the database ${placeOf(url)}: ${reasonOf(cause)}`, { cause });
  }
}

async function checkServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<Record<string, string>>(`
    select current_setting('server_version_num') as number, current_setting('server_version') as version,
      current_setting('synchronous_commit') as synchronous, current_setting('server_encoding') as encoding`);
  const [server] = rows;
  if (Number(server?.["number"]) < 150_000)
    throw new Error(`PostgreSQL 15 or newer is needed, this is ${server?.["version"]}`);
  if (server?.["synchronous"] === "off")
    throw new Error(
      "synchronous_commit is off: a crash of the server would lose acknowledged pushes",
    );
  if (server?.["encoding"] !== "UTF8")
    throw new Error(`its encoding must be UTF8, this is ${server?.["encoding"]}`);
}

/** Where the database is, without user and password. */
function placeOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "(the URL is not valid)" : `${parsed.host}${parsed.pathname}`;
}

/** A host with several addresses fails with several errors. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join("; ");
  return cause instanceof Error ? cause.message : String(cause);
}
