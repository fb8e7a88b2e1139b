import { parseScopes } from "@wharf/contract";
import type { Scope } from "@wharf/contract";
import { RegistryError } from "../../http/registry-error.ts";
import { toRepositoryName } from "../../repositories/repository-name.ts";
import type { AccountPrincipal } from "../principal.ts";
import { isDangerous } from "./scope-facts.ts";

/** Repositories that a token can be restricted to. */
export const MOST_REPOSITORIES = 100;

/** What a token gives. */
export interface Grant {
  /** Separated by spaces, each once. */
  readonly scopes: string;
  /** Full names of the only repositories that it is for; undefined: all that its account may. */
  readonly repositories: readonly string[] | undefined;
}

/**
 * Reads what somebody wants to give to a token.
 *
 * @param scope separated by spaces or commas
 * @throws {RegistryError} `PARAMETER_INVALID` naming `scope` or `repositories`
 */
export function parseGrant(scope: string, repositories: readonly string[] | undefined): Grant {
  const parsed = parseScopes(scope);
  if ("unknown" in parsed) {
    throw invalid("scope", `there is no scope ${JSON.stringify(parsed.unknown.slice(0, 255))}`);
  }
  if (parsed.size === 0) throw invalid("scope", "scope must name at least one");
  const words = new Set(scope.split(/[\s,]+/).filter((word) => word !== ""));
  if (repositories !== undefined) checkRepositories(repositories, parsed);
  return { scopes: [...words].join(" "), repositories };
}

/**
 * A token never gives more than what it was made with: whoever shows a token with scopes passes on these at most.
 *
 * @throws {RegistryError} `DENIED`, `SCOPE_INSUFFICIENT`
 */
export function expectGrantable(actor: AccountPrincipal, { scopes, repositories }: Grant): void {
  const wanted = parseScopes(scopes);
  if (actor.isRobot || "unknown" in wanted) {
    throw new RegistryError("DENIED", "robots give no tokens");
  }
  for (const scope of wanted) {
    if (actor.scopes?.has(scope) === false) {
      throw new RegistryError("SCOPE_INSUFFICIENT", `the token lacks the scope ${scope}`, {
        detail: { scope },
      });
    }
  }
  if (wanted.has("super:user") && !actor.isSuperuser) {
    throw new RegistryError("DENIED", `${actor.name} is no superuser`, {
      detail: { field: "scope" },
    });
  }
  const { repositories: own } = actor;
  if (own !== undefined && (repositories ?? [""]).some((name) => !own.has(name))) {
    throw new RegistryError("DENIED", "the token is for fewer repositories", {
      detail: { field: "repositories" },
    });
  }
}

function checkRepositories(repositories: readonly string[], scopes: ReadonlySet<Scope>): void {
  if (repositories.length === 0 || repositories.length > MOST_REPOSITORIES) {
    throw invalid("repositories", `repositories must have 1 to ${MOST_REPOSITORIES} names`);
  }
  for (const name of repositories) {
    if (toRepositoryName(name) === undefined) {
      const shown = JSON.stringify(name.slice(0, 255));
      throw invalid("repositories", `${shown} is no full name of a repository such as team/app`);
    }
  }
  // What is not about repositories knows no such limit.
  const wide = [...scopes].find(isDangerous);
  if (wide !== undefined) {
    throw invalid("repositories", `the scope ${wide} cannot be restricted to repositories`);
  }
}

function invalid(field: string, message: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", message, { detail: { field } });
}
