import { Api } from "../api/api.ts";
import { ROUTES } from "../api/routes.ts";
import type { ApiContext } from "../api/api-context.ts";
import type { Exchange } from "./exchange.ts";
import { healthRoutes } from "./pages/health.ts";
import type { PlainRoute } from "./plain-route.ts";
import { PLAIN_ROUTES } from "./plain-routes.ts";
import { RegistryError } from "./registry-error.ts";
import { RouteTable } from "./route-table.ts";

/** Everything that is not a protocol of bytes: the API, health, metrics, Docker's search, sign-in by other services. */
export class Site {
  readonly #context: ApiContext;
  readonly #api: Api;
  readonly #pages: RouteTable<PlainRoute>;

  /** @param isStopping tells that the server takes no new work */
  constructor(context: ApiContext, isStopping: () => boolean) {
    this.#context = context;
    this.#api = new Api(context, ROUTES);
    this.#pages = new RouteTable([...healthRoutes(isStopping), ...PLAIN_ROUTES]);
  }

  /** @throws {RegistryError} what a page refuses; the API answers by itself */
  async handle(exchange: Exchange): Promise<void> {
    if (exchange.path.startsWith("/api/")) return this.#api.handle(exchange);
    const found = this.#pages.find(exchange.method, exchange.path);
    if (found.kind === "none") {
      throw new RegistryError("UNSUPPORTED", "there is no such page", { status: 404 });
    }
    if (found.kind === "method") {
      const allowed = found.allowed.join(", ");
      throw new RegistryError("UNSUPPORTED", `the page is there for ${allowed}`, {
        headers: { Allow: allowed },
      });
    }
    exchange.route = found.route.label;
    return found.route.handle(exchange, found.parameters, this.#context);
  }
}
