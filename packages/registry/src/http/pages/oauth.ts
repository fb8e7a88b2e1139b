import { giveAccessToken } from "../../accounts/oauth/access-token.ts";
import { assignUser } from "../../accounts/oauth/assign-user.ts";
import { showAuthorize, signInToAuthorize } from "../../accounts/oauth/authorize.ts";
import { allowApplication, denyApplication } from "../../accounts/oauth/decide.ts";
import { sendMessage } from "../../accounts/oauth/pages.ts";
import { LOCAL_PATH } from "../../accounts/oauth/redirect-uri.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../exchange.ts";
import type { PlainRoute } from "../plain-route.ts";

/** The authorization of OAuth applications (RFC 6749), under Quay's paths. */
export const oauthRoutes: readonly PlainRoute[] = [
  route("GET", "/oauth/authorize", showAuthorize),
  route("POST", "/oauth/authorize", signInToAuthorize),
  route("POST", "/oauth/authorize/assignuser", assignUser),
  route("POST", "/oauth/authorizeapp", allowApplication),
  route("POST", "/oauth/denyapp", denyApplication),
  route("POST", "/oauth/access_token", giveAccessToken),
  route("GET", LOCAL_PATH, showLocal),
];

function route(
  method: "GET" | "POST",
  path: string,
  handle: (exchange: Exchange, context: RegistryContext) => Promise<void>,
): PlainRoute {
  return {
    endpoint: { method, path },
    label: "oauth",
    handle: (exchange, _parameters, context) => handle(exchange, context),
  };
}

/** Where applications without a page of their own have browsers sent to. */
async function showLocal(exchange: Exchange): Promise<void> {
  if (exchange.query.has("error")) {
    sendMessage(exchange, 200, "Nothing was allowed", "No token was made.");
    return;
  }
  sendMessage(
    exchange,
    200,
    "The token",
    "It stands in the address of this page, after “access_token=” and before the next “&”.",
  );
}
