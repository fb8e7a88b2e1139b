import type { RegistryContext } from "../../../context.ts";
import type { Exchange } from "../../../http/exchange.ts";
import type { AttemptKind } from "./login-attempt.ts";

const ENDS: Readonly<Record<AttemptKind, string>> = { login: "", attach: "/attach", cli: "/cli" };

/**
 * Where a service sends the browser back to (Quay's paths). It must be registered at the service, which knows no other:
 * a `Host` header that somebody made up leads nowhere.
 */
export function callbackUrl(
  { config }: Pick<RegistryContext, "config">,
  { origin }: Pick<Exchange, "origin">,
  service: string,
  kind: AttemptKind,
): string {
  return `${config.server.url ?? origin}/oauth2/${service}/callback${ENDS[kind]}`;
}
