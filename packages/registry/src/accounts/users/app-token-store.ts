import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** An application token with its owner, without what lets anybody in. */
export interface AppTokenRow {
  readonly id: number;
  readonly uuid: string;
  readonly title: string;
  readonly account_id: number;
  readonly user: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly sealed: string | null;
}

/** Where a page begins, and how long it is. */
export interface TokenPage {
  readonly after: number;
  readonly limit: number;
}

/** Tokens that expire in this time, milliseconds since 1970; sorted by it. */
export interface ExpiringPage {
  readonly from: number;
  readonly until: number;
  readonly after: readonly [expiresAt: number, id: number] | undefined;
  readonly limit: number;
}

/**
 * By age. Index: credentials_by_account_id_and_kind_and_id; all its columns are compared and ordered, or PostgreSQL walks
 * through everybody's.
 */
export async function listTokens(
  db: Reader,
  accountId: number,
  { after, limit }: TokenPage,
): Promise<AppTokenRow[]> {
  const columns = sql`(c.account_id, c.kind, c.id)`;
  const place = (id: number) => sql`(${accountId}, 'application', ${id})`;
  return tokens(db)
    .where(sql<boolean>`${columns} > ${place(after)}`)
    .where(sql<boolean>`${columns} < ${place(Number.MAX_SAFE_INTEGER)}`)
    .orderBy("c.account_id")
    .orderBy("c.kind")
    .orderBy("c.id")
    .limit(limit)
    .execute();
}

/** By age. Index: credentials_by_kind_and_id. */
export async function listAllTokens(
  db: Reader,
  { after, limit }: TokenPage,
): Promise<AppTokenRow[]> {
  return tokens(db).where("c.id", ">", after).orderBy("c.id").limit(limit).execute();
}

/**
 * Indexes: credentials_by_kind_and_expires_at_and_id; for one account
 * credentials_by_account_id_and_kind_and_expires_at_and_id.
 *
 * @param accountId undefined: everybody's
 */
export async function listExpiringTokens(
  db: Reader,
  accountId: number | undefined,
  { from, until, after, limit }: ExpiringPage,
): Promise<AppTokenRow[]> {
  let query = tokens(db)
    .where("c.expires_at", ">", from)
    .where("c.expires_at", "<=", until)
    .orderBy("c.expires_at")
    .orderBy("c.id")
    .limit(limit);
  if (accountId !== undefined) query = query.where("c.account_id", "=", accountId);
  if (after !== undefined) {
    query = query.where((eb) => eb(eb.refTuple("c.expires_at", "c.id"), ">", eb.tuple(...after)));
  }
  return query.execute();
}

/** Index: the unique uuid. */
export async function findToken(db: Reader, uuid: string): Promise<AppTokenRow | undefined> {
  return tokens(db).where("c.uuid", "=", uuid).executeTakeFirst();
}

export async function deleteToken(trx: Writer, id: number): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("credentials")
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function tokens(db: Reader) {
  return db
    .selectFrom("credentials as c")
    .innerJoin("accounts as a", "a.id", "c.account_id")
    .select([
      "c.id",
      "c.uuid",
      "c.title",
      "a.id as account_id",
      "a.name as user",
      "c.created_at",
      "c.expires_at",
      "c.last_used_at",
      "c.sealed",
    ])
    .where("c.kind", "=", "application");
}
