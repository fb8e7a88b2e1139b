import type { FindRepository } from "../repositories/find-repository.ts";
import { toRepositoryName } from "../repositories/repository-name.ts";
import type { TokenGrant } from "./access-tokens.ts";
import { isLimited } from "./permissions.ts";
import type { Permissions } from "./permissions.ts";
import type { Principal, Shown, TokenAction } from "./principal.ts";
import type { RequestedScopes } from "./token-scope.ts";

/**
 * What a token may hold of what was asked for: the part that is allowed. Missing rights are no error here
 * (Distribution's token specification, "Requesting a Token").
 */
export async function grantScopes(
  { permissions, findRepository }: { permissions: Permissions; findRepository: FindRepository },
  principal: Exclude<Principal, { kind: "token" }>,
  requested: RequestedScopes,
): Promise<TokenGrant> {
  const access = new Map<string, ReadonlySet<TokenAction>>();
  for (const [text, wanted] of requested.repositories) {
    const name = toRepositoryName(text);
    if (name === undefined) continue; // of another host, or without a namespace
    const repository = await findRepository(name);
    const allowed = await permissions.tokenActions(principal, repository, name);
    const granted = wanted.intersection(allowed);
    if (granted.size > 0) access.set(name, granted);
  }
  return {
    accountId: principal.kind === "account" ? principal.accountId : undefined,
    name: nameOf(principal),
    isSuperuser: principal.kind === "account" && principal.isSuperuser,
    access,
    catalog: requested.catalog && permissions.mayListCatalog(principal),
    ...(isLimited(principal) ? { isLimited: true } : {}),
    ...(principal.kind === "account" && principal.shown !== undefined
      ? { shown: withoutId(principal.shown) }
      : {}),
  };
}

function withoutId({ kind, title }: Shown): NonNullable<TokenGrant["shown"]> {
  return title === undefined ? { kind } : { kind, title };
}

function nameOf(principal: Exclude<Principal, { kind: "token" }>): string {
  if (principal.kind === "account") return principal.name;
  return principal.kind === "repository" ? "$token" : "";
}
