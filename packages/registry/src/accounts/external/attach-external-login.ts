import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Administration } from "../admin/administration.ts";
import { lockAccountById } from "../account-store.ts";
import { personOf } from "../person.ts";
import type { Actor } from "../admin/actor.ts";
import { LDAP } from "./external-identity.ts";
import type { ExternalIdentity } from "./external-identity.ts";
import {
  deleteExternalLogin,
  findExternalLogin,
  findExternalLoginsOf,
  insertExternalLogin,
} from "./external-login-store.ts";

/**
 * Lets a service vouch for a user from now on. One that does already stays.
 *
 * @throws {RegistryError} `CONFLICT` when the person there has an account here, or the user a login there
 */
export async function attachExternalLogin(
  administration: Administration,
  actor: Actor,
  identity: ExternalIdentity,
): Promise<void> {
  const { rights, database, now } = administration;
  await rights.require(actor, "self.admin");
  const user = personOf(actor);
  const { service, subject, name, email } = identity;
  await database.transaction(async (trx) => {
    await lockAccountById(trx, user.accountId, database.dialect);
    const known = await findExternalLogin(trx, service, subject);
    if (known?.account_id === user.accountId) return;
    const logins = await findExternalLoginsOf(trx, user.accountId);
    if (logins.some((login) => login.service === service)) throw alreadyAttached(service);
    const isNew = await insertExternalLogin(trx, {
      service,
      subject,
      accountId: user.accountId,
      name,
      email,
      createdAt: now(),
    });
    if (!isNew) throw attachedElsewhere(service, name);
    const namespace = { id: user.accountId, name: user.name };
    const metadata = { username: user.name, service, service_username: name };
    await recordAudit(trx, actor, { kind: "attach_external_login", namespace, metadata }, now());
  });
}

/**
 * Ends that. Nothing happens when the service does not vouch for the user.
 *
 * @throws {RegistryError} `CONFLICT` when nothing would be left to sign in with
 */
export async function detachExternalLogin(
  administration: Administration,
  actor: Actor,
  service: string,
): Promise<void> {
  const { rights, database, config, now } = administration;
  await rights.require(actor, "self.admin");
  const user = personOf(actor);
  await database.transaction(async (trx) => {
    // Two at once could each take the other for what is left.
    const account = await lockAccountById(trx, user.accountId, database.dialect);
    const logins = await findExternalLoginsOf(trx, user.accountId);
    const login = logins.find((one) => one.service === service);
    if (account === undefined || login === undefined) return;
    const others = logins.filter((one) => one.service !== service && isServed(config, one.service));
    if (account.password_hash === null && others.length === 0) throw lastLogin(service);
    await deleteExternalLogin(trx, user.accountId, service);
    const metadata = { username: account.name, service, service_username: login.name };
    await recordAudit(
      trx,
      actor,
      { kind: "detach_external_login", namespace: account, metadata },
      now(),
    );
  });
}

/** A service that is configured no longer lets nobody in. */
function isServed({ oidc, ldap }: Administration["config"], service: string): boolean {
  return service === LDAP ? ldap !== undefined : oidc.some(({ id }) => id === service);
}

function alreadyAttached(service: string): RegistryError {
  return new RegistryError(
    "CONFLICT",
    `your account has a login of ${service} already; detach it first`,
    { detail: { service } },
  );
}

function attachedElsewhere(service: string, name: string): RegistryError {
  return new RegistryError(
    "CONFLICT",
    `${name} of ${service} belongs to another account of this registry; detach it there first`,
    { detail: { service } },
  );
}

function lastLogin(service: string): RegistryError {
  return new RegistryError(
    "CONFLICT",
    `${service} is your last way to sign in; set a password or attach another service first`,
    { detail: { service } },
  );
}
