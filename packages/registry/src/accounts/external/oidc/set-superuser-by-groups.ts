import { recordAudit } from "../../../audit/record-audit.ts";
import { hasOtherSuperuser, lockAccountById, updateAccount } from "../../account-store.ts";
import type { Administration } from "../../admin/administration.ts";
import type { AccountPrincipal } from "../../principal.ts";

/**
 * Makes a user a superuser, or one no longer, by what their groups say.
 *
 * @returns false for the last superuser, who stays one
 */
export async function setSuperuserByGroups(
  { database, now }: Administration,
  user: AccountPrincipal,
  service: string,
  isSuperuser: boolean,
): Promise<boolean> {
  if (user.isSuperuser === isSuperuser) return true;
  return database.transaction(async (trx) => {
    const account = await lockAccountById(trx, user.accountId, database.dialect);
    if (account === undefined || (account.superuser === 1) === isSuperuser) return true;
    const isLast = !isSuperuser && !(await hasOtherSuperuser(trx, account.id, database.dialect));
    if (isLast) return false;
    await updateAccount(trx, account.id, { superuser: isSuperuser ? 1 : 0 });
    const metadata = { username: account.name, superuser: isSuperuser, service };
    await recordAudit(trx, user, { kind: "user_update", namespace: account, metadata }, now());
    return true;
  });
}
