import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export type CodeRow = Selectable<Tables["oauth_codes"]>;

export async function insertCode(trx: Writer, values: Omit<CodeRow, "token_uuid">): Promise<void> {
  await trx.insertInto("oauth_codes").values(values).execute();
}

/** Takes the row against a second try at the same time; on SQLite the transaction is alone anyway. */
export async function lockCode(
  trx: Writer,
  codeHash: string,
  dialect: "sqlite" | "postgres",
): Promise<CodeRow | undefined> {
  return trx
    .selectFrom("oauth_codes")
    .selectAll()
    .where("code_hash", "=", codeHash)
    .$if(dialect === "postgres", (query) => query.forUpdate())
    .executeTakeFirst();
}

export async function setRedeemed(trx: Writer, codeHash: string, tokenUuid: string): Promise<void> {
  await trx
    .updateTable("oauth_codes")
    .set({ token_uuid: tokenUuid })
    .where("code_hash", "=", codeHash)
    .execute();
}

/** Index: oauth_codes_by_expires_at. */
export async function removeCodesBefore(trx: Writer, time: number): Promise<void> {
  await trx.deleteFrom("oauth_codes").where("expires_at", "<", time).execute();
}

/** The account that a code acts as, when it may log in. */
export async function findEnabledUser(
  db: Reader,
  id: number,
): Promise<{ readonly id: number; readonly name: string; readonly superuser: number } | undefined> {
  return db
    .selectFrom("accounts")
    .select(["id", "name", "superuser"])
    .where("id", "=", id)
    .where("kind", "=", "user")
    .where("enabled", "=", 1)
    .executeTakeFirst();
}
