import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { readForm } from "../../http/read-form.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { assignToken } from "./assignments.ts";
import { isRedirectUri } from "./authorize-request.ts";
import { expectOwnForm, findOauthCaller } from "./oauth-caller.ts";
import { sendMessage } from "./pages.ts";
import { LOCAL_PATH } from "./redirect-uri.ts";

/**
 * `POST /oauth/authorize/assignuser`: an administrator prepares a token that a user then accepts (Quay's parameters, in
 * the query or in a form).
 */
export async function assignUser(exchange: Exchange, context: RegistryContext): Promise<void> {
  const caller = await findOauthCaller(context, exchange);
  if (caller === undefined) throw context.accounts.loginNeeded(exchange);
  const hasForm = exchange.header("content-type") !== undefined;
  const form = hasForm ? await readForm(exchange) : new URLSearchParams();
  expectOwnForm(exchange, caller, form);
  const get = (name: string): string | undefined =>
    exchange.query.get(name) || form.get(name) || undefined;
  const need = (name: string): string => {
    const value = get(name);
    if (value !== undefined && value.length <= 1024 && !/[\0\ud800-\udfff]/u.test(value))
      return value;
    throw new RegistryError("PARAMETER_INVALID", `${name} is missing, or is too long`, {
      detail: { parameter: name },
    });
  };
  const responseType = get("response_type") ?? "token";
  if (responseType !== "token" && responseType !== "code") {
    throw new RegistryError("PARAMETER_INVALID", "response_type must be token", {
      detail: { parameter: "response_type" },
    });
  }
  const redirectUri = need("redirect_uri");
  const local = `${context.config.server.url ?? exchange.origin}${LOCAL_PATH}`;
  const wish = {
    clientId: need("client_id"),
    username: need("username"),
    scope: need("scope"),
    redirectUri,
    // It can only be accepted as a token.
    responseType: "token",
    repositories: get("repositories")?.split(/[\s,]+/),
  } as const;
  await assignToken(context.accounts.administration, caller.person, wish, (registered) =>
    isRedirectUri(redirectUri, registered, local),
  );
  const message = "Token assigned successfully";
  if (get("format") === "json") exchange.sendJson(200, { message });
  else sendMessage(exchange, 200, "Done", message);
}
