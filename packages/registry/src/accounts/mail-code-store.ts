import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export type MailCodeRow = Selectable<Tables["mail_codes"]>;

export async function insertMailCode(trx: Writer, row: MailCodeRow): Promise<void> {
  await trx.insertInto("mail_codes").values(row).execute();
}

export async function findMailCode(db: Reader, codeHash: string): Promise<MailCodeRow | undefined> {
  return db
    .selectFrom("mail_codes")
    .selectAll()
    .where("code_hash", "=", codeHash)
    .executeTakeFirst();
}

/** Uses a code up: of several who try at the same time one gets it. */
export async function takeMailCode(
  trx: Writer,
  codeHash: string,
): Promise<MailCodeRow | undefined> {
  return trx
    .deleteFrom("mail_codes")
    .where("code_hash", "=", codeHash)
    .returningAll()
    .executeTakeFirst();
}

export async function deleteMailCode(trx: Writer, codeHash: string): Promise<void> {
  await trx.deleteFrom("mail_codes").where("code_hash", "=", codeHash).execute();
}

/** When the codes of a kind were sent that are still good. Index: mail_codes_by_account_id. */
export async function listMailCodes(
  db: Reader,
  accountId: number,
  kind: MailCodeRow["kind"],
  now: number,
): Promise<{ readonly created_at: number }[]> {
  return db
    .selectFrom("mail_codes")
    .select("created_at")
    .where("account_id", "=", accountId)
    .where("kind", "=", kind)
    .where("expires_at", ">", now)
    .execute();
}

/** Index: mail_codes_by_account_id. */
export async function deleteMailCodesOf(
  trx: Writer,
  accountId: number,
  kinds: readonly MailCodeRow["kind"][],
): Promise<void> {
  await trx
    .deleteFrom("mail_codes")
    .where("account_id", "=", accountId)
    .where("kind", "in", kinds)
    .execute();
}
