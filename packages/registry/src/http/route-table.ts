import type { Endpoint } from "@wharf/contract";

/** Where a path leads. */
export interface RouteMatch<Route> {
  readonly route: Route;
  /** Percent-decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What {@link RouteTable.find} finds: a route, other methods of the path, or nothing. */
export type RouteLookup<Route> =
  | ({ readonly kind: "found" } & RouteMatch<Route>)
  | { readonly kind: "method"; readonly allowed: readonly string[] }
  | { readonly kind: "none" };

interface Pattern<Route> {
  readonly method: string;
  readonly segments: readonly string[];
  /** Place of the parameter that takes several segments, if any. */
  readonly wide: number;
  readonly literals: number;
  readonly route: Route;
}

/**
 * Finds endpoints by method and path. `{repository}` takes as many segments as are left when all others are matched, so
 * of several patterns that fit the one with the most literal segments counts, then the one with more segments: `…/repository/team/app/tag/v1` is a tag,
 * not the repository `team/app/tag/v1`. That one is reached by writing its slashes as `%2F`.
 */
export class RouteTable<Route extends { readonly endpoint: Pick<Endpoint, "method" | "path"> }> {
  readonly #byLength: ReadonlyMap<number, readonly Pattern<Route>[]>;
  readonly #wide: readonly Pattern<Route>[];

  constructor(routes: readonly Route[]) {
    const patterns = routes
      .map(patternOf)
      .toSorted(
        (one, other) =>
          other.literals - one.literals || other.segments.length - one.segments.length,
      );
    this.#byLength = Map.groupBy(
      patterns.filter(({ wide }) => wide < 0),
      ({ segments }) => segments.length,
    );
    this.#wide = patterns.filter(({ wide }) => wide >= 0);
  }

  /** @param path still percent-encoded; a slash at the end means nothing */
  find(method: string, path: string): RouteLookup<Route> {
    const segments = split(path);
    const candidates = [...(this.#byLength.get(segments.length) ?? []), ...this.#wide];
    let best: RouteMatch<Route> | undefined;
    let most = -1;
    const allowed = new Set<string>();
    for (const pattern of candidates) {
      if (pattern.literals < most) continue;
      const parameters = match(pattern, segments);
      if (parameters === undefined) continue;
      if (pattern.literals > most) {
        // What matches more exactly hides what matches less, whatever its method.
        allowed.clear();
        best = undefined;
        most = pattern.literals;
      }
      allowed.add(pattern.method);
      if (pattern.method === method || (method === "HEAD" && pattern.method === "GET")) {
        best ??= { route: pattern.route, parameters };
      }
    }
    if (best !== undefined) return { kind: "found", ...best };
    if (allowed.size === 0) return { kind: "none" };
    if (allowed.has("GET")) allowed.add("HEAD");
    return { kind: "method", allowed: [...allowed].toSorted() };
  }
}

function patternOf<Route extends { readonly endpoint: Pick<Endpoint, "method" | "path"> }>(
  route: Route,
): Pattern<Route> {
  const segments = split(route.endpoint.path);
  return {
    method: route.endpoint.method,
    segments,
    wide: segments.indexOf("{repository}"),
    literals: segments.filter((segment) => !segment.startsWith("{")).length,
    route,
  };
}

function split(path: string): string[] {
  const inner = path.slice(1);
  return (inner.endsWith("/") ? inner.slice(0, -1) : inner).split("/");
}

function match<Route>(
  { segments: pattern, wide }: Pattern<Route>,
  segments: readonly string[],
): Record<string, string> | undefined {
  const more = segments.length - pattern.length;
  if (wide < 0 ? more !== 0 : more < 0) return undefined;
  const parameters: Record<string, string> = {};
  for (const [place, expected] of pattern.entries()) {
    const at = wide >= 0 && place > wide ? place + more : place;
    const taken = place === wide ? segments.slice(at, at + more + 1).join("/") : segments[at];
    if (taken === undefined) return undefined;
    if (!expected.startsWith("{")) {
      if (taken !== expected) return undefined;
      continue;
    }
    const decoded = decode(taken);
    if (decoded === undefined || decoded === "") return undefined;
    // Every name has a namespace, so `…/repository/team/tag` is the repository `team/tag` and not the tags of `team`.
    if (place === wide && !decoded.includes("/")) return undefined;
    parameters[expected.slice(1, -1)] = decoded;
  }
  return parameters;
}

/** Undefined for a broken percent-encoding and for NUL, which no database takes: no endpoint has such a path. */
function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return decoded.includes("\0") ? undefined : decoded;
  } catch {
    return undefined;
  }
}
