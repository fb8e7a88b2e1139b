import { scopeFor } from "../accounts/challenge.ts";
import { isLimited } from "../accounts/permissions.ts";
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
 * The first line of every request about a repository that is there: who is it, may they do this.
 *
 * @param text name of the repository as the client wrote it
 * @throws {RegistryError} UNAUTHORIZED with a challenge, DENIED, NAME_INVALID or NAME_UNKNOWN
 */
export async function openRepository(
  { accounts }: RegistryContext,
  exchange: Exchange,
  action: Exclude<RepositoryAction, "push">,
  text: string,
): Promise<Access> {
  const name = parseRepositoryName(text);
  const principal = await accounts.authenticate(exchange, scopeFor(action, name));
  exchange.account = principalName(principal);
  return {
    principal,
    repository: await accounts.openRepository(exchange, principal, action, name),
  };
}

/** A push that is allowed. */
export interface Push {
  readonly principal: Principal;
  /** Undefined: the first push to a repository of that name. */
  readonly repository: Repository | undefined;
  /** The repository, made now unless it is there: to be called when nothing else is wrong with the request. */
  create(): Promise<Repository>;
}

/**
 * The first line of every request that pushes. A push to a repository that does not exist creates it, but one that is
 * refused leaves nothing behind.
 *
 * @throws {RegistryError} UNAUTHORIZED with a challenge, DENIED, NAME_INVALID, or NAME_UNKNOWN for its namespace
 */
export async function authorizePush(
  { accounts }: RegistryContext,
  exchange: Exchange,
  text: string,
): Promise<Push> {
  const name = parseRepositoryName(text);
  const principal = await accounts.authenticate(exchange, scopeFor("push", name));
  exchange.account = principalName(principal);
  const repository = await accounts.findRepository(name);
  const wish = { caller: exchange, principal, action: "push", repository, name } as const;
  await accounts.authorize(wish);
  const create = (): Promise<Repository> =>
    repository === undefined
      ? accounts.openRepository(exchange, principal, "push", name)
      : Promise.resolve(repository);
  return { principal, repository, create };
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
  if (isLimited(principal)) return undefined;
  const { accountId, name, isSuperuser } = principal;
  return { kind: "account", accountId, name, isRobot: name.includes("+"), isSuperuser };
}
