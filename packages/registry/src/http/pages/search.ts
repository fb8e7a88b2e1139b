import { searchRepositories } from "../../repositories/search-repositories.ts";
import type { PlainRoute } from "../plain-route.ts";

/** `docker search` and old clients ask here (Docker Registry API v1). */
export const searchRoutes: readonly PlainRoute[] = [
  {
    endpoint: { method: "GET", path: "/v1/_ping" },
    label: "search",
    handle: async (exchange) =>
      exchange.sendJson(200, true, {
        "X-Docker-Registry-Version": "0.9.0",
        "X-Docker-Registry-Standalone": "true",
      }),
  },
  {
    endpoint: { method: "GET", path: "/v1/search" },
    label: "search",
    handle: async (exchange, _parameters, context) =>
      exchange.sendJson(200, await searchRepositories(context, exchange)),
  },
];
