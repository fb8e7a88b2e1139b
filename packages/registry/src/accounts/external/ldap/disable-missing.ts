import { recordAudit, REGISTRY } from "../../../audit/record-audit.ts";
import type { Logger } from "../../../log.ts";
import { hasOtherSuperuser, lockAccountById, updateAccount } from "../../account-store.ts";
import type { Administration } from "../../admin/administration.ts";
import { findExternalLogin, updateExternalLogin } from "../external-login-store.ts";
import type { ExternalLoginRow } from "../external-login-store.ts";
import { isAsKnown, userOfIdentity } from "../user-of-identity.ts";
import type { DirectoryConnection } from "./directory-connection.ts";
import { identityOf } from "./directory-entry.ts";
import type { KnownUsers } from "./known-users.ts";

/** So many missing at once are looked at with suspicion. */
const SUSPICIOUS = 10;

/**
 * Disables users whom the directory does not have any more, and enables again those whom it has again. Nobody is
 * disabled when the directory seems to be at fault: when it shows no users at all, or has lost most of them at once.
 *
 * @returns why nobody was disabled; undefined: whoever is missing is disabled now
 */
export async function disableMissing(
  administration: Administration,
  connection: DirectoryConnection,
  { found, missing }: KnownUsers,
  log: Pick<Logger, "warn"> | undefined,
): Promise<string | undefined> {
  for (const { login, user } of found) {
    const identity = identityOf(user);
    if (isAsKnown(login, identity)) continue;
    // Notes what changed, and lets those in again who were missing.
    await userOfIdentity(administration, identity, { createUsers: false });
  }
  // Whom somebody has disabled already needs no look.
  const fresh = missing.filter(({ enabled, missing_since: at }) => enabled === 1 && at === null);
  if (fresh.length === 0) return undefined;
  if (fresh.length > SUSPICIOUS && fresh.length > found.length) {
    return `the directory has lost ${fresh.length} of ${fresh.length + found.length} users at once, so none was disabled; look at ldap.baseDn, ldap.userFilter and what ldap.bindDn may read`;
  }
  if (found.length === 0 && !(await connection.hasUsers())) {
    return "the directory shows no users at all, so none was disabled; look at ldap.baseDn, ldap.userFilter and what ldap.bindDn may read";
  }
  for (const login of fresh) {
    const isDisabled = await disable(administration, login);
    if (isDisabled) continue;
    log?.warn("the directory has lost the last superuser, who stays", {
      account: login.account_id,
      name: login.name ?? "",
    });
  }
  return undefined;
}

/** @returns false for the last superuser, who stays */
async function disable(
  { database, now }: Administration,
  { service, subject, account_id: id }: ExternalLoginRow,
): Promise<boolean> {
  return database.transaction(async (trx) => {
    const account = await lockAccountById(trx, id, database.dialect);
    const login = await findExternalLogin(trx, service, subject);
    const isLost = login?.account_id === id && login.missing_since === null;
    // Whom a superuser has disabled stays disabled, whatever the directory has later.
    if (account?.enabled !== 1 || !isLost) return true;
    const isLast = account.superuser === 1 && !(await hasOtherSuperuser(trx, id, database.dialect));
    if (isLast) return false;
    await updateAccount(trx, id, { enabled: 0 });
    await updateExternalLogin(trx, { service, subject }, { missing_since: now() });
    const metadata = { username: account.name, service };
    await recordAudit(trx, REGISTRY, { kind: "user_disable", namespace: account, metadata }, now());
    return true;
  });
}
