import { openDatabase } from "../open-database.ts";
import { runStatements, startPostgres } from "./postgres-server.ts";

/** A migrated database without rows. */
export interface LentDatabase {
  readonly url: string;
  readonly giveBack: () => Promise<void>;
}

/**
 * Lends a database of the server of this process, which starts with the first one. Those that were given back are
 * emptied and lent again, because making one takes ten times as long.
 */
export async function lendDatabase(): Promise<LentDatabase> {
  const { url } = await (server ??= startWithTemplate());
  const name = free.pop() ?? (await makeDatabase(url));
  return {
    url: url(name),
    async giveBack() {
      const [emptied] = await runStatements(url(name), [EMPTY]);
      if (emptied?.["emptied"] === true) free.push(name);
      else await runStatements(url("postgres"), [`drop database ${name} with (force)`]);
    },
  };
}

type Url = (database: string) => string;

let server: Promise<{ readonly url: Url }> | undefined;
const free: string[] = [];
let count = 0;
const TEMPLATE = "wharf_template";
const EMPTY = "select empty_all() as emptied";

async function makeDatabase(url: Url): Promise<string> {
  const name = `test_${++count}`;
  await runStatements(url("postgres"), [`create database ${name} template ${TEMPLATE}`]);
  return name;
}

/** Migrating takes longer than cloning what is migrated. */
async function startWithTemplate(): Promise<{ readonly url: Url }> {
  const { url } = await startPostgres();
  await runStatements(url("postgres"), [`create database ${TEMPLATE}`]);
  const template = await openDatabase({ kind: "postgres", url: url(TEMPLATE) });
  await template[Symbol.asyncDispose]();
  await runStatements(url(TEMPLATE), [
    `create table as_made as
      select (select count(*) from pg_class) + 1 as relations, (select count(*) from migrations) as version`,
    EMPTY_ALL,
  ]);
  return { url };
}

/** Answers false when the test has changed more than rows, or has made it large. */
const EMPTY_ALL = `
create function empty_all() returns boolean language plpgsql as $$
declare
  name text;
begin
  if (select count(*) from pg_class) <> (select relations from as_made)
    or (select count(*) from migrations) <> (select version from as_made)
    or pg_database_size(current_database()) > 12000000
  then
    return false;
  end if;
  perform pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid();
  set local session_replication_role = replica; -- no foreign keys: in any order
  for name in select tablename from pg_tables
    where schemaname = 'public' and tablename not in ('migrations', 'as_made')
  loop
    execute format('delete from %I', name);
  end loop;
  for name in select sequencename from pg_sequences where schemaname = 'public' loop
    execute format('alter sequence %I restart', name);
  end loop;
  return true;
end $$`;
