import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../exchange.ts";
import type { PlainRoute } from "../plain-route.ts";
import { RegistryError } from "../registry-error.ts";

export const metricsRoutes: readonly PlainRoute[] = [
  {
    endpoint: { method: "GET", path: "/metrics" },
    label: "metrics",
    handle: async (exchange, _parameters, context) => {
      await checkObserver(context, exchange);
      const { contentType, body } = await context.metrics.render();
      exchange.send(200, { "Content-Type": contentType }, body);
    },
  },
];

/** Metrics tell how a registry is used: this machine and superusers may see them. */
async function checkObserver({ accounts }: RegistryContext, exchange: Exchange): Promise<void> {
  const isLocal = exchange.address === "127.0.0.1" || exchange.address === "::1";
  // What came through a proxy that is not configured looks local and is not.
  const isForwarded =
    exchange.header("x-forwarded-for") !== undefined || exchange.header("forwarded") !== undefined;
  if (isLocal && !isForwarded) return;
  const principal = await accounts.authenticate(exchange);
  if (principal.kind === "account" && principal.isSuperuser) return;
  if (principal.kind === "anonymous") {
    throw new RegistryError("UNAUTHORIZED", "metrics are for superusers and this machine", {
      headers: { "WWW-Authenticate": accounts.challenge(exchange) },
    });
  }
  throw new RegistryError("DENIED", "metrics are for superusers and this machine");
}
