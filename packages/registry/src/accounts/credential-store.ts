import { randomUUID } from "node:crypto";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { AccountRow } from "./account-store.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** A secret with the account it stands for; the account's columns are null for secrets of repositories. */
export type CredentialRow = Pick<
  Selectable<Tables["credentials"]>,
  | "id"
  | "kind"
  | "repository_id"
  | "role"
  | "secret_hash"
  | "expires_at"
  | "last_used_at"
  | "title"
  | "scopes"
  | "repositories"
> & {
  readonly account_id: number | null;
  readonly name: string | null;
  readonly account_kind: AccountRow["kind"] | null;
  readonly enabled: number | null;
  readonly superuser: number | null;
  /** Of a robot. */
  readonly account_expires_at: number | null;
  /** Of the namespace of a robot. */
  readonly namespace_enabled: number | null;
};

/** Index: the unique secret_hash. */
export async function findCredentialByHash(
  db: Reader,
  secretHash: string,
): Promise<CredentialRow | undefined> {
  return credentials(db).where("c.secret_hash", "=", secretHash).executeTakeFirst();
}

export async function findCredentialById(
  db: Reader,
  id: number,
): Promise<CredentialRow | undefined> {
  return credentials(db).where("c.id", "=", id).executeTakeFirst();
}

function credentials(db: Reader) {
  return db
    .selectFrom("credentials as c")
    .leftJoin("accounts as a", "a.id", "c.account_id")
    .leftJoin("accounts as n", "n.id", "a.namespace_id")
    .select([
      "c.id",
      "c.kind",
      "c.repository_id",
      "c.role",
      "c.secret_hash",
      "c.expires_at",
      "c.last_used_at",
      "c.title",
      "c.scopes",
      "c.repositories",
      "c.account_id",
      "a.name",
      "a.kind as account_kind",
      "a.enabled",
      "a.superuser",
      "a.expires_at as account_expires_at",
      "n.enabled as namespace_enabled",
    ]);
}

/** @param use.accountId of the account that it stands for, if any */
export async function setLastUsed(
  trx: Writer,
  use: {
    readonly credentialId: number;
    readonly accountId: number | null;
    readonly at: number;
    readonly from: string;
  },
): Promise<void> {
  // The account first, as whoever changes its credentials takes the locks.
  if (use.accountId !== null) {
    await trx
      .updateTable("accounts")
      .set({ last_used_at: use.at })
      .where("id", "=", use.accountId)
      .execute();
  }
  await trx
    .updateTable("credentials")
    .set({ last_used_at: use.at, last_used_from: use.from })
    .where("id", "=", use.credentialId)
    .execute();
}

export async function insertCredential(
  trx: Writer,
  values: {
    readonly kind: CredentialRow["kind"];
    readonly accountId: number | null;
    readonly repositoryId?: number;
    readonly role?: "read" | "write" | "admin";
    readonly title: string;
    readonly secretHash: string;
    readonly createdAt: number;
    readonly expiresAt: number | undefined;
    /** Undefined: one is made up. */
    readonly uuid?: string;
    readonly sealed?: string;
    readonly createdBy?: string | undefined;
    readonly applicationId?: number;
    /** Separated by spaces. */
    readonly scopes?: string;
    /** Full names of the only repositories that it is for. */
    readonly repositories?: readonly string[] | undefined;
  },
): Promise<number> {
  const { id } = await trx
    .insertInto("credentials")
    .values({
      kind: values.kind,
      account_id: values.accountId,
      repository_id: values.repositoryId ?? null,
      role: values.role ?? null,
      title: values.title,
      secret_hash: values.secretHash,
      created_at: values.createdAt,
      expires_at: values.expiresAt ?? null,
      last_used_at: null,
      uuid: values.uuid ?? randomUUID(),
      sealed: values.sealed ?? null,
      created_by: values.createdBy ?? null,
      application_id: values.applicationId ?? null,
      scopes: values.scopes ?? null,
      repositories: values.repositories === undefined ? null : JSON.stringify(values.repositories),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Index: credentials_by_account_id. */
export async function removeCredentialsOf(
  trx: Writer,
  accountId: number,
  kind: CredentialRow["kind"],
): Promise<void> {
  await trx
    .deleteFrom("credentials")
    .where("account_id", "=", accountId)
    .where("kind", "=", kind)
    .execute();
}

/** Whose secrets: of a user, or of a repository. */
export type CredentialOwner = { readonly account_id: number } | { readonly repository_id: number };

export interface ListedCredential {
  readonly id: number;
  readonly uuid: string;
  readonly kind: CredentialRow["kind"];
  readonly title: string;
  readonly role: CredentialRow["role"];
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

/** Indexes: credentials_by_account_id, credentials_by_repository_id. */
export async function listCredentials(
  db: Reader,
  owner: CredentialOwner,
): Promise<ListedCredential[]> {
  return db
    .selectFrom("credentials")
    .select(["id", "uuid", "kind", "title", "role", "created_at", "expires_at", "last_used_at"])
    .where((eb) => eb.and(owner))
    .orderBy("id")
    .execute();
}

/** @returns false when the owner has no such secret */
export async function removeCredential(
  trx: Writer,
  owner: CredentialOwner,
  id: number,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("credentials")
    .where("id", "=", id)
    .where((eb) => eb.and(owner))
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
