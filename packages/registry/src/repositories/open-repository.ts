import { scopeFor } from "../accounts/challenge.ts";
import { principalName } from "../accounts/principal.ts";
import type { AccountPrincipal, Principal, RepositoryAction } from "../accounts/principal.ts";
import type { RegistryContext } from "../context.ts";
import type { Exchange } from "../http/exchange.ts";
import { parseRepositoryName, toRepositoryName } from "./repository-name.ts";
import type { Repository } from "./repository.ts";

/** A repository that the request may work on. */
export interface Access {
  readonly principal: Principal;
  readonly repository: Repository;
}

/**
 * The first line of every request about a repository: who is it, is there such a repository, may they do this. A push
 * to a repository that does not exist creates it.
 *
 * @param text name of the repository as the client wrote it
 * @throws {RegistryError} UNAUTHORIZED with a challenge, DENIED, NAME_INVALID or NAME_UNKNOWN
 */
export async function openRepository(
  { accounts }: RegistryContext,
  exchange: Exchange,
  action: RepositoryAction,
  text: string,
): Promise<Access> {
  const name = parseRepositoryName(text);
  const principal = await accounts.authenticate(exchange, scopeFor(action, name));
  exchange.account = principalName(principal);
  return { principal, repository: await accounts.openRepository(exchange, principal, action, name) };
}

/** A repository that the client may read, of whatever name it has sent; undefined: none. */
export async function readableRepository(
  { accounts }: RegistryContext,
  principal: Principal,
  text: string,
): Promise<Repository | undefined> {
  const name = toRepositoryName(text);
  if (name === undefined) return undefined;
  const holder = holderOf(principal);
  return (
    (await accounts.readableRepository(principal, name)) ??
    (holder === undefined ? undefined : await accounts.readableRepository(holder, name))
  );
}

/** Clients name only what they know in the scope of a token; its holder may read more. */
function holderOf(principal: Principal): AccountPrincipal | undefined {
  if (principal.kind !== "token" || principal.accountId === undefined) return undefined;
  const { accountId, name, isSuperuser } = principal;
  return { kind: "account", accountId, name, isRobot: name.includes("+"), isSuperuser };
}
