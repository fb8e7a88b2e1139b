import { parseBasic } from "../../accounts/basic-credentials.ts";
import { exchangeToken } from "../../accounts/robots/exchange-token.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../exchange.ts";
import type { PlainRoute } from "../plain-route.ts";

const path = "/oauth2/federation/robot/token";
const label = "robot-federation";

/** A CI exchanges its OIDC token for a password of the robot that trusts it (Quay's path and answers). */
export const robotFederationRoutes: readonly PlainRoute[] = [
  { endpoint: { method: "GET", path }, label, handle },
  { endpoint: { method: "POST", path }, label, handle },
];

async function handle(
  exchange: Exchange,
  _parameters: unknown,
  { accounts }: RegistryContext,
): Promise<void> {
  const header = exchange.header("authorization") ?? "";
  const credentials = /^basic /i.test(header)
    ? parseBasic(header.slice(6).trim())
    : "the robot and its OIDC token must come as Basic credentials";
  if (typeof credentials === "string") {
    refuse(exchange, credentials);
    return;
  }
  const { user: robot, secret: token } = credentials;
  const from = {
    address: exchange.address,
    userAgent: exchange.header("user-agent")?.slice(0, 500),
  };
  const exchanged = await exchangeToken(accounts, { robot, token }, from);
  if (typeof exchanged === "string") {
    refuse(exchange, exchanged);
    return;
  }
  exchange.account = robot;
  exchange.sendJson(
    200,
    { token: exchanged.token, expires_at: new Date(exchanged.expiresAt).toISOString() },
    { "Cache-Control": "no-store" },
  );
}

function refuse(exchange: Exchange, error: string): void {
  exchange.sendJson(
    401,
    { error },
    { "Cache-Control": "no-store", "WWW-Authenticate": 'Basic realm="robot federation"' },
  );
}
