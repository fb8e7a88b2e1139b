import type { RegistryContext } from "../context.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import { listRepositories } from "./list-repositories.ts";

/** Docker's own limits: 25 unless asked for, 100 at most. */
const USUAL = 25;
const MOST = 100;

/** What `docker search` reads (Docker Registry API v1, "Search"). */
export interface SearchAnswer {
  readonly query: string;
  readonly num_results: number;
  readonly page: number;
  readonly page_size: number;
  readonly num_pages: number;
  readonly results: readonly {
    readonly name: string;
    readonly description: string;
    readonly is_official: boolean;
    readonly is_automated: boolean;
    readonly star_count: number;
  }[];
}

/** Finds repositories whose name has the text, among those that the client may read. */
export async function searchRepositories(
  context: RegistryContext,
  exchange: Exchange,
): Promise<SearchAnswer> {
  const { accounts, database } = context;
  const principal = await accounts.authenticate(exchange);
  // podman comes here without its login; refused, it asks /v2/_catalog with it.
  if (principal.kind === "anonymous" && exchange.header("user-agent")?.startsWith("containers/")) {
    throw new RegistryError("UNSUPPORTED", "there is /v2/_catalog", { status: 404 });
  }
  const query = (exchange.query.get("q") ?? "").trim();
  const limit = count(exchange);
  const found = await listRepositories({ database, permissions: accounts.permissions }, principal, {
    contains: query,
    limit,
  });
  return {
    query,
    num_results: found.length,
    page: 1,
    page_size: limit,
    num_pages: 1,
    results: found.map(({ name, description }) => ({
      name,
      description,
      is_official: false,
      is_automated: false,
      star_count: 0,
    })),
  };
}

function count(exchange: Exchange): number {
  const text = exchange.query.get("n") ?? exchange.query.get("page_size");
  if (text === null || text === "") return USUAL;
  if (!/^\d{1,9}$/.test(text)) {
    throw new RegistryError("PAGINATION_NUMBER_INVALID", "n is not a number of entries", {
      detail: { parameter: "n" },
    });
  }
  return Math.min(MOST, Number(text));
}
