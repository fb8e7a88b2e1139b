import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { wantMail } from "../../mail/want-mail.ts";
import { updateAccount } from "../account-store.ts";
import type { Actor } from "../admin/actor.ts";
import { deleteMailCodesOf } from "../mail-code-store.ts";
import { deleteSessionsOf } from "../session-store.ts";

/**
 * Gives a user another password, in a transaction that has locked the account: sessions by the old one end, recovery
 * mails on their way are worth nothing, the user is told.
 *
 * @param change.hash of the new password
 * @param change.keep session that stays: the one that asks
 */
export async function changePassword(
  trx: Transaction<Tables>,
  actor: Actor,
  user: { readonly id: number; readonly name: string },
  change: { readonly hash: string; readonly keep?: string | undefined },
  now: number,
): Promise<void> {
  // First the account: who signs in right now waits for its row, and finds the new hash.
  await updateAccount(trx, user.id, { password_hash: change.hash });
  await deleteSessionsOf(trx, user.id, change.keep);
  await deleteMailCodesOf(trx, user.id, ["recover"]);
  const isOther = actor.kind !== "account" || actor.accountId !== user.id;
  await recordAudit(
    trx,
    actor,
    {
      kind: "account_change_password",
      namespace: user,
      metadata: { username: user.name, ...(isOther ? { by_other: true } : {}) },
    },
    now,
  );
  await wantMail(trx, { kind: "password-changed", accountId: user.id });
}
