import { timingSafeEqual } from "node:crypto";
import { browserSession } from "../accounts/browser-session.ts";
import type { Principal } from "../accounts/principal.ts";
import { ANONYMOUS } from "../accounts/principal.ts";
import type { Session } from "../accounts/sessions.ts";
import type { RegistryContext } from "../context.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";

export interface ApiCaller {
  readonly principal: Principal;
  /** Undefined: no browser. */
  readonly session: Session | undefined;
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Who asks: by `Authorization` (Basic, or Bearer with an OAuth token), else by a session's cookie.
 *
 * @throws {RegistryError} `UNAUTHORIZED` for credentials that are wrong, `CSRF_INVALID` for a change by a browser
 *   without the session's token, `TOOMANYREQUESTS`
 */
export async function identifyCaller(
  { accounts }: RegistryContext,
  exchange: Exchange,
): Promise<ApiCaller> {
  if (exchange.header("authorization") !== undefined) {
    return { principal: await accounts.authenticate(exchange), session: undefined };
  }
  const session = await browserSession(accounts.sessions, exchange);
  if (session === undefined) return { principal: ANONYMOUS, session: undefined };
  if (!SAFE.has(exchange.method)) expectCsrfToken(exchange, session);
  return { principal: session.principal, session };
}

/** Another site can make a browser send the cookie, but cannot read the token. */
function expectCsrfToken(exchange: Exchange, { csrfToken }: Session): void {
  const sent = Buffer.from(exchange.header("x-csrf-token") ?? "", "latin1");
  const expected = Buffer.from(csrfToken, "latin1");
  if (sent.length === expected.length && timingSafeEqual(sent, expected)) return;
  throw new RegistryError(
    "CSRF_INVALID",
    "send the token of GET /csrf_token in the header X-CSRF-Token",
  );
}
