import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Database } from "../database.ts";
import type { OnQuery } from "../watched.ts";
import { migrate } from "../migrate.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { WalSync } from "./wal-sync.ts";

/** How long a process waits for the locks of another, in milliseconds. */
const LOCK_TIMEOUT = 10_000;

/**
 * Opens a SQLite database, makes it (mode 0600, missing folders 0700) when it is not there, and migrates it. Other
 * processes on this machine may have it open too; the folder must be on a local file system.
 *
 * @param path of the database file; `-wal` and `-shm` come beside it
 * @throws {Error} that names the path
 */
export async function openSqlite(path: string, onQuery?: OnQuery): Promise<Database> {
  using connections = new DisposableStack();
  try {
    createFile(path);
    const write = connections.adopt(openWriter(path), (connection) => connection.close());
    const real = realpathSync(path); // SQLite follows symbolic links before it names the -wal file
    const wal = connections.use(new WalSync(`${real}-wal`));
    const read = connections.adopt(openReader(path), (connection) => connection.close());
    syncFolder(dirname(real));
    const database = new SqliteDatabase({ read, write, wal, lockTimeout: LOCK_TIMEOUT, onQuery });
    await migrate((work) => database.transaction((trx) => work(trx.$pickTables<never>())));
    connections.move(); // the database closes them
    return database;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot open the database ${path}: ${reason}`, { cause });
  }
}

/** SQLite gives `-wal` and `-shm` the mode of the database. One that is there already must not be opened by us. */
function createFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function openWriter(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: LOCK_TIMEOUT });
  try {
    const mode = connection.prepare("pragma journal_mode = wal").get()?.["journal_mode"];
    if (mode !== "wal")
      throw new Error("its file system cannot share memory; it must be a local one");
    connection.exec(`
      pragma synchronous = normal;
      pragma foreign_keys = on;
      pragma trusted_schema = off;
      pragma cache_size = -16000;
      pragma temp_store = memory;
      pragma wal_autocheckpoint = 16000;
      pragma journal_size_limit = 134217728;
      select count(*) from sqlite_schema;
      pragma busy_timeout = 0;
    `);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function openReader(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: LOCK_TIMEOUT });
  connection.exec("pragma trusted_schema = off; pragma cache_size = -16000");
  return connection;
}

/** The names of the database and its -wal file must survive a crash as well. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
