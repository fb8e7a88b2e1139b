import type { Kysely } from "kysely";
import type { RegistryContext } from "../../context.ts";
import type { Tables } from "../../database/tables.ts";
import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { wantMail } from "../../mail/want-mail.ts";
import { emailKey, lockAccountById, updateAccount } from "../account-store.ts";
import { checkPassword } from "../admin/password-rule.ts";
import { needMail } from "../admin/users.ts";
import { originOf } from "../caller.ts";
import { addressGroup } from "../failure-throttle.ts";
import { findMailCode, takeMailCode } from "../mail-code-store.ts";
import type { MailCodeRow } from "../mail-code-store.ts";
import { tooManyFailures } from "../password-logins.ts";
import { hashSecret } from "../secret.ts";
import { changePassword } from "./change-password.ts";
import { checkEmail } from "./email-rule.ts";

/**
 * Has a mail with a code for a new password sent to an address, if it is a user's. That is found out when the mail is
 * written: neither the answer nor its time tells.
 *
 * @throws {RegistryError} `CONFLICT`, 400, where no mail is sent; `PARAMETER_INVALID`; `TOOMANYREQUESTS`
 */
export async function requestRecovery(
  { accounts, database, now }: RegistryContext,
  email: string,
  exchange: Exchange,
): Promise<void> {
  needMail(accounts.administration);
  checkEmail(email);
  const keys = [`recover:${addressGroup(exchange.address)}`, `recover:${emailKey(email)}`];
  const wait = Math.max(...keys.map((key) => accounts.failures.wait(key, now())));
  if (wait > 0) throw tooManyFailures(wait);
  for (const key of keys) accounts.failures.fail(key, now());
  await database.transaction((trx) => wantMail(trx, { kind: "recovery", email: emailKey(email) }));
}

/**
 * Sets a new password with the code of a mail. It shows as well that the user reads mail at their address.
 *
 * @returns name of the user
 * @throws {RegistryError} `NOT_FOUND` for a code that is none, was used, or has expired; `PARAMETER_INVALID`
 */
export async function recover(
  { accounts, database, now }: RegistryContext,
  { code, password }: { readonly code: string; readonly password: string },
  exchange: Exchange,
): Promise<string> {
  checkPassword(password);
  const codeHash = hashSecret(code);
  // Looked up first: a slow hash for nothing would be worth something to some.
  await needCode(database.read, codeHash, ["recover"], now());
  const hash = await accounts.administration.passwordHashes.hash(password);
  return database.transaction(async (trx) => {
    const { account_id: accountId } = await needCode(trx, codeHash, ["recover"], now());
    const user = await lockAccountById(trx, accountId, database.dialect);
    if (user?.kind !== "user" || user.enabled !== 1) throw unknownCode();
    if ((await takeMailCode(trx, codeHash)) === undefined) throw unknownCode();
    await updateAccount(trx, user.id, { verified: 1 });
    const actor = { kind: "anonymous", from: originOf(exchange) } as const;
    await changePassword(trx, actor, user, { hash }, now());
    return user.name;
  });
}

/** @throws {RegistryError} `NOT_FOUND` unless it is a code of one of these kinds that is still good */
export async function needCode(
  db: Kysely<Tables>,
  codeHash: string,
  kinds: readonly MailCodeRow["kind"][],
  now: number,
): Promise<MailCodeRow> {
  const found = await findMailCode(db, codeHash);
  if (found === undefined || !kinds.includes(found.kind) || found.expires_at <= now) {
    throw unknownCode();
  }
  return found;
}

export function unknownCode(): RegistryError {
  return new RegistryError(
    "NOT_FOUND",
    "the code is not valid, was used already, or has expired; ask for another mail",
    { detail: { field: "code" } },
  );
}
