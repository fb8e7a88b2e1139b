import { recordAudit } from "../../../audit/record-audit.ts";
import type { RegistryContext } from "../../../context.ts";
import type { Exchange } from "../../../http/exchange.ts";
import { RegistryError } from "../../../http/registry-error.ts";
import type { AccountRow } from "../../account-store.ts";
import { originOf } from "../../caller.ts";
import type { AccountPrincipal } from "../../principal.ts";
import { beginSession } from "../../users/begin-session.ts";
import { followGroups } from "../teams/follow-groups.ts";
import { userOfIdentity } from "../user-of-identity.ts";
import type { OidcLogin, OidcService } from "./oidc-service.ts";
import { setSuperuserByGroups } from "./set-superuser-by-groups.ts";

/**
 * Signs a browser in whom a service vouches for: the cookie of the session is set on the answer. Teams that follow
 * groups of the service are brought up to them before.
 *
 * @throws {RegistryError} `DENIED` for who may not sign in
 */
export async function signInByService(
  context: RegistryContext,
  { config }: OidcService,
  login: OidcLogin,
  exchange: Exchange,
): Promise<AccountPrincipal> {
  try {
    expectAllowed(login, config.allowedGroups, config.name);
    const { administration } = context.accounts;
    const from = originOf(exchange);
    const { createUsers } = config;
    const account = await userOfIdentity(administration, login.identity, { createUsers, from });
    if (account === undefined) throw unknownUser(config.name);
    const user = { ...principalOf(account), from };
    if (account.enabled !== 1) throw disabled(account.name);
    await applyGroups(context, user, login, config.superuserGroups);
    const session = await beginSession(context, user, { service: config.id }, exchange);
    if (session === undefined) throw disabled(account.name);
    exchange.account = account.name;
    return user;
  } catch (error) {
    if (error instanceof RegistryError) await auditFailure(context, login, exchange, error);
    throw error;
  }
}

function principalOf({ id, name, superuser }: AccountRow): AccountPrincipal {
  return {
    kind: "account",
    accountId: id,
    name,
    isRobot: false,
    isSuperuser: superuser === 1,
    shown: { kind: "session" },
  };
}

/** A service that has not told groups vouches for nobody where they are asked for. */
export function expectAllowed(
  { groups = [] }: Pick<OidcLogin, "groups">,
  allowed: readonly string[],
  name: string,
): void {
  if (allowed.length === 0 || allowed.some((group) => groups.includes(group))) return;
  throw new RegistryError(
    "DENIED",
    `you are in none of the groups of ${name} that may sign in here; ask an administrator`,
  );
}

async function applyGroups(
  { accounts, log }: RegistryContext,
  user: AccountPrincipal,
  { identity, groups }: OidcLogin,
  superuserGroups: readonly string[],
): Promise<void> {
  const { administration } = accounts;
  const { service } = identity;
  if (groups === undefined) {
    // A claim that is missing is no empty list: whoever is in teams stays in them.
    log.debug("a sign-in service has told no groups", { service, account: user.name });
    return;
  }
  for (const { sync, reason } of await followGroups(administration, user, service, groups)) {
    const { organization, team, group } = sync;
    log.warn("a team was not brought up to its group", { organization, team, group, reason });
  }
  if (superuserGroups.length === 0) return;
  const isSuperuser = superuserGroups.some((group) => groups.includes(group));
  if (await setSuperuserByGroups(administration, user, service, isSuperuser)) return;
  log.warn("the last superuser is in no group of superusers any more, and stays one", {
    service,
    account: user.name,
  });
}

function unknownUser(name: string): RegistryError {
  return new RegistryError(
    "DENIED",
    `no account of this registry belongs to you; sign in with your password, and attach ${name} to your account`,
  );
}

function disabled(name: string): RegistryError {
  return new RegistryError("DENIED", `the account ${name} is disabled`, { detail: { name } });
}

async function auditFailure(
  { config, database, now }: RegistryContext,
  { identity }: OidcLogin,
  exchange: Exchange,
  error: RegistryError,
): Promise<void> {
  if (!/^(?:failures|all)$/.test(config.accounts.auditSignIns)) return;
  const from = originOf(exchange);
  const metadata = {
    type: identity.service,
    kind: "user",
    username: identity.name,
    message: error.message,
    useragent: from.userAgent ?? null,
  };
  await database.transaction((trx) =>
    recordAudit(trx, { kind: "anonymous", from }, { kind: "login_failure", metadata }, now()),
  );
}
