import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** What a login needs of a user, robot or organization. */
export type AccountRow = Pick<
  Selectable<Tables["accounts"]>,
  "id" | "kind" | "name" | "namespace_id" | "password_hash" | "enabled" | "superuser"
>;

const ACCOUNT = [
  "id",
  "kind",
  "name",
  "namespace_id",
  "password_hash",
  "enabled",
  "superuser",
] as const;

/** Index: the unique name. */
export async function findAccountByName(db: Reader, name: string): Promise<AccountRow | undefined> {
  return db.selectFrom("accounts").select(ACCOUNT).where("name", "=", name).executeTakeFirst();
}

export async function findAccountById(db: Reader, id: number): Promise<AccountRow | undefined> {
  return db.selectFrom("accounts").select(ACCOUNT).where("id", "=", id).executeTakeFirst();
}

/** @returns the new account's id, or undefined when the name is taken */
export async function insertAccount(
  trx: Writer,
  values: {
    readonly kind: AccountRow["kind"];
    readonly name: string;
    readonly namespaceId?: number;
    readonly email?: string | undefined;
    readonly passwordHash?: string;
    readonly superuser?: boolean;
    readonly description?: string | undefined;
    readonly createdAt: number;
  },
): Promise<number | undefined> {
  const row = await trx
    .insertInto("accounts")
    .values({
      kind: values.kind,
      name: values.name,
      namespace_id: values.namespaceId ?? null,
      email: values.email ?? null,
      password_hash: values.passwordHash ?? null,
      enabled: 1,
      superuser: values.superuser === true ? 1 : 0,
      description: values.description ?? "",
      tag_expiration: null,
      created_at: values.createdAt,
    })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}

export async function updateAccount(
  trx: Writer,
  id: number,
  values: {
    readonly password_hash?: string;
    readonly enabled?: number;
    readonly superuser?: number;
  },
): Promise<void> {
  await trx.updateTable("accounts").set(values).where("id", "=", id).execute();
}

/** What belongs to the account goes with it: robots, secrets, memberships, permissions, repositories. */
export async function removeAccount(trx: Writer, id: number): Promise<void> {
  await trx.deleteFrom("accounts").where("id", "=", id).execute();
}

/** Takes the row against changes until the transaction ends; on SQLite the transaction is alone anyway. */
export async function lockAccount(
  trx: Writer,
  name: string,
  dialect: "sqlite" | "postgres",
): Promise<AccountRow | undefined> {
  return trx
    .selectFrom("accounts")
    .select(ACCOUNT)
    .where("name", "=", name)
    .$if(dialect === "postgres", (query) => query.forUpdate())
    .executeTakeFirst();
}

/** Index: repositories_by_namespace_id. */
export async function hasRepositories(trx: Reader, namespaceId: number): Promise<boolean> {
  const row = await trx
    .selectFrom("repositories")
    .select("id")
    .where("namespace_id", "=", namespaceId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Reads the table: asked on start and by administrators alone. */
export async function hasUsers(db: Reader): Promise<boolean> {
  const row = await db
    .selectFrom("accounts")
    .select("id")
    .where("kind", "=", "user")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Is there an enabled superuser other than this one? Locked, so that the last two do not give each other up. Reads the
 * table: asked by administrators alone.
 */
export async function hasOtherSuperuser(
  trx: Writer,
  id: number,
  dialect: "sqlite" | "postgres",
): Promise<boolean> {
  const row = await trx
    .selectFrom("accounts")
    .select("id")
    .where("kind", "=", "user")
    .where("superuser", "=", 1)
    .where("enabled", "=", 1)
    .where("id", "!=", id)
    .limit(1)
    .$if(dialect === "postgres", (query) => query.forUpdate())
    .executeTakeFirst();
  return row !== undefined;
}

export interface ListedAccount {
  readonly id: number;
  readonly kind: AccountRow["kind"];
  readonly name: string;
  readonly email: string | null;
  readonly enabled: number;
  readonly superuser: number;
  readonly description: string;
  readonly created_at: number;
}

/**
 * One page of accounts by name. Index: the unique name; robots of one namespace are found by
 * accounts_by_namespace_id.
 */
export async function listAccounts(
  db: Reader,
  filter: {
    readonly kind: AccountRow["kind"];
    readonly namespaceId?: number;
    readonly after: string;
    readonly limit: number;
  },
): Promise<ListedAccount[]> {
  let query = db
    .selectFrom("accounts")
    .select(["id", "kind", "name", "email", "enabled", "superuser", "description", "created_at"])
    .where("kind", "=", filter.kind)
    .where("name", ">", filter.after)
    .orderBy("name")
    .limit(filter.limit);
  if (filter.namespaceId !== undefined) {
    query = query.where("namespace_id", "=", filter.namespaceId);
  }
  return query.execute();
}
