import { recordAudit } from "../../audit/record-audit.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { lockAccountById, updateAccount } from "../account-store.ts";
import { originOf } from "../caller.ts";
import { takeMailCode } from "../mail-code-store.ts";
import { hashSecret } from "../secret.ts";
import { changeEmail, orEmailTaken } from "./change-email.ts";
import { needCode, unknownCode } from "./recover.ts";
import { findUser } from "./user-store.ts";

const KINDS = ["verify", "change-email"] as const;

/**
 * Confirms the address of a new user, or that of one who changes theirs, with the code of a mail.
 *
 * @throws {RegistryError} `NOT_FOUND` for a code that is none, was used, or has expired; `CONFLICT` when another account
 *   has the address by now
 */
export async function confirmEmail(
  { database, now }: RegistryContext,
  code: string,
  exchange: Exchange,
): Promise<{ readonly username: string; readonly email: string }> {
  const actor = { kind: "anonymous", from: originOf(exchange) } as const;
  const codeHash = hashSecret(code);
  const { email: newEmail } = await needCode(database.read, codeHash, KINDS, now());
  const confirming = database.transaction(async (trx) => {
    const found = await needCode(trx, codeHash, KINDS, now());
    const account = await lockAccountById(trx, found.account_id, database.dialect);
    const user = await findUser(trx, found.account_id);
    if (account?.kind !== "user" || account.enabled !== 1 || user === undefined) {
      throw unknownCode();
    }
    // Two with the same code: the other was first.
    if ((await takeMailCode(trx, codeHash)) === undefined) throw unknownCode();
    const email = found.email ?? user.email;
    if (email === null) throw unknownCode();
    if (found.kind === "change-email") await changeEmail(trx, actor, user, email, now());
    else {
      await updateAccount(trx, user.id, { verified: 1 });
      const metadata = { email, verified: true };
      await recordAudit(trx, actor, { kind: "user_update", namespace: user, metadata }, now());
    }
    return { username: user.name, email };
  });
  return orEmailTaken(confirming, newEmail ?? undefined);
}
