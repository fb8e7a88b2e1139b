import { randomBytes } from "node:crypto";
import type { PlainRoute } from "../../http/plain-route.ts";
import { browserSession } from "../browser-session.ts";

/**
 * `GET /csrf_token`: what a browser must send back in `X-CSRF-Token` with every change. Other sites can ask for it, but
 * cannot read the answer. Without a session there is nothing to protect, and the token is any.
 */
export const csrfTokenRoutes: readonly PlainRoute[] = [
  {
    endpoint: { method: "GET", path: "/csrf_token" },
    label: "csrf",
    handle: async (exchange, _parameters, { accounts }) => {
      const session = await browserSession(accounts.sessions, exchange);
      const token = session?.csrfToken ?? randomBytes(32).toString("base64url");
      exchange.sendJson(200, { csrf_token: token }, { "Cache-Control": "no-store" });
    },
  },
];
