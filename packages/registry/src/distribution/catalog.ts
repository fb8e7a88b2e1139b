import { CATALOG_SCOPE } from "../accounts/challenge.ts";
import type { RegistryContext } from "../context.ts";
import type { Exchange } from "../http/exchange.ts";
import { nextLink, pageOf } from "./page.ts";

/** The list of repositories that the caller may read (Distribution's `_catalog`). */
export async function listCatalog(context: RegistryContext, exchange: Exchange): Promise<void> {
  const principal = await context.accounts.authenticate(exchange, CATALOG_SCOPE);
  const { limit, after = "" } = pageOf(exchange, context.config.registry.pageSize);
  const names = await context.accounts.catalog(exchange, principal, { after, limit: limit + 1 });
  const repositories = names.slice(0, limit);
  const last = names.length > limit ? repositories.at(-1) : undefined;
  exchange.sendJson(
    200,
    { repositories },
    last === undefined ? {} : { Link: nextLink("/v2/_catalog", { n: limit, last }) },
  );
}
