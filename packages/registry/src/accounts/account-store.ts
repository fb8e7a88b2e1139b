import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** What a login needs of a user, robot or organization. */
export type AccountRow = Pick<
  Selectable<Tables["accounts"]>,
  "id" | "kind" | "name" | "namespace_id" | "password_hash" | "enabled" | "superuser" | "verified"
>;

const ACCOUNT = [
  "id",
  "kind",
  "name",
  "namespace_id",
  "password_hash",
  "enabled",
  "superuser",
  "verified",
] as const;

/** Index: the unique name. */
export async function findAccountByName(db: Reader, name: string): Promise<AccountRow | undefined> {
  return db.selectFrom("accounts").select(ACCOUNT).where("name", "=", name).executeTakeFirst();
}

export async function findAccountById(db: Reader, id: number): Promise<AccountRow | undefined> {
  return db.selectFrom("accounts").select(ACCOUNT).where("id", "=", id).executeTakeFirst();
}

/** Kinds of accounts by their ids; those that are gone have none. */
export async function findAccountKinds(
  db: Reader,
  ids: readonly number[],
): Promise<ReadonlyMap<number, AccountRow["kind"]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("accounts")
    .select(["id", "kind"])
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}

/** A user or organization. @param email as it was written. Index: accounts_by_email_key */
export async function findAccountByEmail(
  db: Reader,
  email: string,
): Promise<AccountRow | undefined> {
  return db
    .selectFrom("accounts")
    .select(ACCOUNT)
    .where("email_key", "=", emailKey(email))
    .executeTakeFirst();
}

/** What an address is looked up by: in practice no two differ in case alone. */
export function emailKey(email: string): string {
  return email.toLowerCase();
}

/** @returns the new account's id, or undefined when the name or the address is taken */
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
    /** False: the address must be confirmed before the user can sign in. */
    readonly verified?: boolean;
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
      email_key: values.email === undefined ? null : emailKey(values.email),
      verified: values.verified === false ? 0 : 1,
      password_hash: values.passwordHash ?? null,
      enabled: 1,
      superuser: values.superuser === true ? 1 : 0,
      description: values.description ?? "",
      tag_expiration: null,
      created_at: values.createdAt,
    })
    .onConflict((conflict) => conflict.doNothing())
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
    readonly verified?: number;
    readonly profile?: string | null;
    /** Milliseconds; null: the registry's. */
    readonly tag_expiration?: number | null;
  },
): Promise<void> {
  await trx.updateTable("accounts").set(values).where("id", "=", id).execute();
}

/** @throws a unique violation (`isUniqueViolation`) when another account has the address */
export async function setEmail(trx: Writer, id: number, email: string | null): Promise<void> {
  const key = email === null ? null : emailKey(email);
  await trx.updateTable("accounts").set({ email, email_key: key }).where("id", "=", id).execute();
}

/** @param at milliseconds since 1970 */
export async function setAccountUsed(trx: Writer, id: number, at: number): Promise<void> {
  await trx.updateTable("accounts").set({ last_used_at: at }).where("id", "=", id).execute();
}

/**
 * What belongs to the account goes with it: robots, secrets, memberships, permissions, repositories. The caller has
 * looked that these are all deleted; nobody could restore them without their namespace. Their tags go first: they keep
 * manifests from being deleted.
 */
export async function removeAccount(trx: Writer, id: number): Promise<void> {
  await trx
    .deleteFrom("tags")
    .where("repository_id", "in", (eb) =>
      eb.selectFrom("repositories").select("id").where("namespace_id", "=", id),
    )
    .execute();
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

/** As {@link lockAccount}, by id. */
export async function lockAccountById(
  trx: Writer,
  id: number,
  dialect: "sqlite" | "postgres",
): Promise<AccountRow | undefined> {
  return trx
    .selectFrom("accounts")
    .select(ACCOUNT)
    .where("id", "=", id)
    .$if(dialect === "postgres", (query) => query.forUpdate())
    .executeTakeFirst();
}

/** Deleted ones do not count. Index: repositories_by_namespace_id. */
export async function hasRepositories(trx: Reader, namespaceId: number): Promise<boolean> {
  const row = await trx
    .selectFrom("repositories")
    .select("id")
    .where("namespace_id", "=", namespaceId)
    .where("deleted_at", "is", null)
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
