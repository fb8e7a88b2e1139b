import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import { isUniqueViolation } from "../../database/unique-violation.ts";
import type { Tables } from "../../database/tables.ts";
import { wantMail } from "../../mail/want-mail.ts";
import { setEmail, updateAccount } from "../account-store.ts";
import type { Actor } from "../admin/actor.ts";
import { emailTaken } from "../admin/administration.ts";
import { deleteMailCodesOf } from "../mail-code-store.ts";

/**
 * Gives a user another e-mail address that counts as confirmed, in a transaction that has locked the account. Codes
 * that were sent to the one before are worth nothing, and who reads it is told.
 *
 * @throws a unique violation when another account has it: see {@link orEmailTaken}
 */
export async function changeEmail(
  trx: Transaction<Tables>,
  actor: Actor,
  user: { readonly id: number; readonly name: string; readonly email: string | null },
  email: string | null,
  now: number,
): Promise<void> {
  if (email === user.email) return;
  await setEmail(trx, user.id, email);
  await updateAccount(trx, user.id, { verified: 1 });
  await deleteMailCodesOf(trx, user.id, ["recover", "verify", "change-email"]);
  const metadata = { email, old_email: user.email };
  await recordAudit(trx, actor, { kind: "account_change_email", namespace: user, metadata }, now);
  if (user.email !== null) {
    await wantMail(trx, { kind: "address-changed", accountId: user.id, to: user.email });
  }
}

/** The result of a transaction that may have met another account's e-mail address. @throws {RegistryError} `CONFLICT` */
export async function orEmailTaken<T>(changing: Promise<T>, email: string | undefined): Promise<T> {
  try {
    return await changing;
  } catch (error) {
    if (email !== undefined && isUniqueViolation(error)) throw emailTaken(email);
    throw error;
  }
}
