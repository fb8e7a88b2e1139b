// Long because it is one thing: the page of the authorization, from its link to its forms.
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { readForm } from "../../http/read-form.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { parseScopes } from "@wharf/contract";
import { avatarOf } from "../avatar.ts";
import { signInFromOwnPage } from "../users/sign-in.ts";
import { PARAMETERS, readAuthorizeRequest } from "./authorize-request.ts";
import type { AuthorizeProblem, AuthorizeRequest } from "./authorize-request.ts";
import { expectMayAuthorize } from "./may-authorize.ts";
import { CSRF_FIELD, expectOwnOrigin, findOauthCaller } from "./oauth-caller.ts";
import type { OauthCaller } from "./oauth-caller.ts";
import { sendConsent, sendMessage, sendSignIn } from "./pages.ts";
import type { Fields } from "./pages.ts";
import { isDangerous, scopeFacts } from "./scope-facts.ts";

/** `GET /oauth/authorize`: puts before a user what an application asks for (RFC 6749, 4.1.1). */
export async function showAuthorize(exchange: Exchange, context: RegistryContext): Promise<void> {
  const parameters = exchange.query;
  const request = await readAuthorizeRequest(context, exchange, parameters);
  if ("kind" in request && request.kind === "page") {
    sendProblemPage(exchange, request);
    return;
  }
  const caller = await findOauthCaller(context, exchange);
  // Nobody who is not signed in is sent anywhere: a link to us must not lead elsewhere by itself.
  if ("kind" in request) {
    if (caller === undefined)
      sendMessage(exchange, 400, "This request is not valid", request.message);
    else redirect(exchange, request);
    return;
  }
  const fields = fieldsOf(parameters);
  const isProgram = parameters.get("format") === "json";
  if (caller === undefined) {
    if (isProgram) throw context.accounts.loginNeeded(exchange);
    sendSignIn(exchange, 401, { request, fields });
    return;
  }
  if (isStale(context, caller, request)) {
    if (isProgram) throw notFresh();
    const message = "This application asks for much: show your password again.";
    sendSignIn(exchange, 401, { request, fields, user: caller.person.name, message });
    return;
  }
  await expectMayAuthorize(context.accounts.administration, caller.person, request);
  const own: Fields = [...fields, [CSRF_FIELD, caller.session?.csrfToken ?? ""]];
  if (isProgram) {
    exchange.sendJson(200, documentOf(request, own), { "Cache-Control": "no-store" });
    return;
  }
  sendConsent(exchange, { request, fields: own, user: caller.person.name });
}

/** `POST /oauth/authorize`: the sign-in form of the page; leads back to it. */
export async function signInToAuthorize(
  exchange: Exchange,
  context: RegistryContext,
): Promise<void> {
  expectOwnOrigin(exchange, context.config.server.url);
  const form = await readForm(exchange);
  const request = await readAuthorizeRequest(context, exchange, form);
  if ("kind" in request) {
    sendProblemPage(exchange, request);
    return;
  }
  const fields = fieldsOf(form);
  const username = (form.get("username") ?? "").slice(0, 255);
  const password = (form.get("password") ?? "").slice(0, 1024);
  try {
    await signInFromOwnPage(context, { username, password }, exchange);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status >= 500) throw error;
    const { status, message, headers } = error;
    sendSignIn(exchange, status, { request, fields, user: username, message }, headers);
    return;
  }
  const query = new URLSearchParams(fields.map(([name, value]) => [name, value])).toString();
  exchange.send(303, { Location: `/oauth/authorize?${query}`, "Cache-Control": "no-store" });
}

/** What would let a token change accounts needs a password that was shown just now. */
export function isStale(
  { config, now }: RegistryContext,
  { session }: OauthCaller,
  { grant }: AuthorizeRequest,
): boolean {
  if (session === undefined || now() - session.freshAt <= config.accounts.freshLoginTimeout) {
    return false;
  }
  const scopes = parseScopes(grant.scopes);
  return "unknown" in scopes || [...scopes].some(isDangerous);
}

export function notFresh(): RegistryError {
  return new RegistryError("LOGIN_NOT_FRESH", "this needs your password again");
}

/** A refusal before it is known where to send anybody. */
export function sendProblemPage(
  exchange: Exchange,
  { message, ...problem }: AuthorizeProblem,
): void {
  const status = problem.kind === "page" ? problem.status : 400;
  sendMessage(exchange, status, "This request is not valid", message);
}

/** Sends a browser to an application. 303: by GET, without the form (RFC 9700, 4.12). */
export function redirect(exchange: Exchange, { uri }: { readonly uri: string }): void {
  exchange.send(303, {
    Location: uri,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
  });
}

/** The parameters once more, for the next form. */
function fieldsOf(parameters: URLSearchParams): Fields {
  return PARAMETERS.flatMap((name) => {
    const value = parameters.get(name);
    return value === null ? [] : [[name, value] as const];
  });
}

/** What Quay's console asks for with `format=json`. */
function documentOf(request: AuthorizeRequest, fields: Fields): object {
  const { application, grant, redirectUri, responseType, state, assignment } = request;
  const scopes = scopeFacts(grant.scopes);
  return {
    scopes,
    has_dangerous_scopes: scopes.some(({ dangerous }) => dangerous),
    application: {
      name: application.name,
      description: application.description,
      url: application.application_uri,
      avatar: JSON.stringify(avatarOf(application.name, "app")),
      organization: {
        name: application.organization,
        avatar: JSON.stringify(avatarOf(application.organization, "org")),
      },
    },
    response_type: responseType,
    client_id: application.client_id,
    redirect_uri: redirectUri,
    scope: grant.scopes,
    repositories: grant.repositories ?? null,
    csrf_token_val: fields.find(([name]) => name === CSRF_FIELD)?.[1] ?? "",
    state: state ?? null,
    assignment_uuid: assignment ?? null,
  };
}
