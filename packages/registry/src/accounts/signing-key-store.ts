import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

export type SigningKeyRow = Selectable<Tables["signing_keys"]>;

/** The youngest key that still signs. The table has a handful of rows. */
export async function findSigner(
  db: Kysely<Tables>,
  now: number,
): Promise<SigningKeyRow | undefined> {
  return db
    .selectFrom("signing_keys")
    .selectAll()
    .where("signs_until", ">", now)
    .orderBy("created_at", "desc")
    .orderBy("kid")
    .limit(1)
    .executeTakeFirst();
}

export async function findVerifier(
  db: Kysely<Tables>,
  kid: string,
): Promise<Pick<SigningKeyRow, "public_jwk" | "expires_at"> | undefined> {
  return db
    .selectFrom("signing_keys")
    .select(["public_jwk", "expires_at"])
    .where("kid", "=", kid)
    .executeTakeFirst();
}

export async function insertKey(trx: Transaction<Tables>, row: SigningKeyRow): Promise<void> {
  await trx.insertInto("signing_keys").values(row).execute();
}

export async function removeExpiredKeys(trx: Transaction<Tables>, now: number): Promise<void> {
  await trx.deleteFrom("signing_keys").where("expires_at", "<=", now).execute();
}
