import { RegistryError } from "../http/registry-error.ts";
import { isTokenAction } from "./access-tokens.ts";
import type { TokenAction } from "./principal.ts";

/** Most scopes in one request; a token with more would not fit into a header. */
const MOST_SCOPES = 100;

/** What a client asks a token for. */
export interface RequestedScopes {
  /** Actions by repository name; `*` stands for all of them. Names are of the scope grammar, perhaps none of ours. */
  readonly repositories: ReadonlyMap<string, ReadonlySet<TokenAction>>;
  /** `registry:catalog:*`; `docker search` asks for `registry:catalog:search` */
  readonly catalog: boolean;
}

/**
 * Parses scopes (Distribution's "Token Scope Documentation", "Resource Scope Grammar"). Types and actions that are not
 * known are left out; the class of a type, as in `repository(plugin)`, means nothing.
 *
 * @param texts of the `scope` parameters, each with scopes separated by spaces
 * @throws {RegistryError} `PARAMETER_INVALID` that names the scope which is malformed
 */
export function parseScopes(texts: readonly string[]): RequestedScopes {
  const scopes = texts.flatMap((text) => text.split(" ")).filter((text) => text !== "");
  if (scopes.length > MOST_SCOPES) {
    throw new RegistryError("PARAMETER_INVALID", `more than ${MOST_SCOPES} scopes`, {
      detail: { parameter: "scope", limit: MOST_SCOPES },
    });
  }
  const repositories = new Map<string, Set<TokenAction>>();
  let catalog = false;
  for (const scope of scopes) {
    const { type, name, actions } = parseScope(scope);
    if (type === "registry") {
      catalog ||= name === "catalog" && (actions.includes("*") || actions.includes("search"));
    } else if (type === "repository") {
      const wanted = repositories.get(name) ?? new Set();
      for (const action of actions.flatMap(expand)) wanted.add(action);
      repositories.set(name, wanted);
    }
  }
  return { repositories, catalog };
}

/** Scopes as they stand in the answer of the token service. */
export function formatScopes(granted: {
  readonly access: ReadonlyMap<string, ReadonlySet<TokenAction>>;
  readonly catalog: boolean;
}): string {
  const scopes = Array.from(
    granted.access,
    ([name, actions]) => `repository:${name}:${[...actions].join(",")}`,
  );
  return [...scopes, ...(granted.catalog ? ["registry:catalog:*"] : [])].join(" ");
}

const LONGEST_SCOPE = 1024;
const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const HOST = "[a-zA-Z0-9-]+(?:\\.[a-zA-Z0-9-]+)*(?::[0-9]+)?";
/** The name may hold a colon, in front of a port: what is after the last one are the actions. */
const SCOPE = /^([a-z0-9]+)(?:\([a-z0-9]+\))?:([^\s]+):([a-z*]*(?:,[a-z*]*)*)$/;
const NAME = new RegExp(`^(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*$`);

function parseScope(scope: string): { type: string; name: string; actions: string[] } {
  const match = scope.length > LONGEST_SCOPE ? null : SCOPE.exec(scope);
  const [, type = "", name = "", actions = ""] = match ?? [];
  if (match === null || (type === "repository" && !NAME.test(name))) {
    const shown = scope.slice(0, 255);
    throw new RegistryError(
      "PARAMETER_INVALID",
      `malformed scope ${JSON.stringify(shown)}; it must be such as repository:<name>:pull,push`,
      { detail: { parameter: "scope", scope: shown } },
    );
  }
  return { type, name, actions: actions.split(",") };
}

function expand(action: string): TokenAction[] {
  if (action === "*") return ["pull", "push", "delete"];
  return isTokenAction(action) ? [action] : [];
}
