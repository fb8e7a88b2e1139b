import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { readForm } from "../../http/read-form.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { AccountPrincipal } from "../principal.ts";
import { isStale, notFresh, redirect, sendProblemPage } from "./authorize.ts";
import { readAuthorizeRequest, redirectProblem } from "./authorize-request.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";
import { settleAssignment } from "./assignments.ts";
import { expectMayAuthorize } from "./may-authorize.ts";
import { expectOwnForm, findOauthCaller } from "./oauth-caller.ts";
import type { OauthCaller } from "./oauth-caller.ts";
import { insertOauthToken } from "./oauth-tokens.ts";
import type { MadeOauthToken } from "./oauth-tokens.ts";
import { sendMessage, sendSecret } from "./pages.ts";
import { makeCode } from "./redeem-code.ts";
import { withFragment, withQuery } from "./redirect-uri.ts";

interface Decision {
  readonly request: AuthorizeRequest;
  readonly caller: OauthCaller;
  readonly form: URLSearchParams;
}

/** `POST /oauth/authorizeapp`: the user allows what the page has shown (RFC 6749, 4.1.2 and 4.2.2). */
export async function allowApplication(
  exchange: Exchange,
  context: RegistryContext,
): Promise<void> {
  const decision = await readDecision(exchange, context);
  if (decision === undefined) return;
  const { request, caller, form } = decision;
  const { administration } = context.accounts;
  if (isStale(context, caller, request)) throw notFresh();
  await expectMayAuthorize(administration, caller.person, request);
  if (request.responseType === "code") {
    const code = await makeCode(administration, caller.person, request);
    if (request.isLocal) sendSecret(exchange, "The code", code);
    else redirect(exchange, { uri: withQuery(request.redirectUri, { code, ...stateOf(request) }) });
    return;
  }
  answerWithToken(exchange, request, form, await makeToken(context, caller.person, request));
}

/** `POST /oauth/denyapp`: the application is told, and gets nothing. */
export async function denyApplication(exchange: Exchange, context: RegistryContext): Promise<void> {
  const decision = await readDecision(exchange, context);
  if (decision === undefined) return;
  const { request } = decision;
  if (request.isLocal) sendMessage(exchange, 200, "Denied", "No token was made.");
  else
    redirect(exchange, redirectTo(redirectProblem(request, "access_denied", "the user denied it")));
}

async function readDecision(
  exchange: Exchange,
  context: RegistryContext,
): Promise<Decision | undefined> {
  const caller = await findOauthCaller(context, exchange);
  if (caller === undefined) throw context.accounts.loginNeeded(exchange);
  const form = await readForm(exchange);
  expectOwnForm(exchange, caller, form);
  const request = await readAuthorizeRequest(context, exchange, form);
  if (!("kind" in request)) return { request, caller, form };
  if (request.kind === "page") sendProblemPage(exchange, request);
  else redirect(exchange, request);
  return undefined;
}

async function makeToken(
  { accounts, database }: RegistryContext,
  person: AccountPrincipal,
  { application, grant, assignment }: AuthorizeRequest,
): Promise<MadeOauthToken> {
  return database.transaction(async (trx) => {
    if (assignment !== undefined && !(await settleAssignment(trx, person.accountId, assignment))) {
      throw new RegistryError("DENIED", "the token that was prepared for you is accepted already");
    }
    const wish = { title: application.name, grant };
    return insertOauthToken(accounts.administration, trx, person, application, wish);
  });
}

function answerWithToken(
  exchange: Exchange,
  request: AuthorizeRequest,
  form: URLSearchParams,
  { token, secret }: MadeOauthToken,
): void {
  const life = Math.floor(((token.expiresAt ?? 0) - token.createdAt) / 1000);
  const answer = {
    access_token: secret,
    token_type: "Bearer",
    expires_in: String(life),
    scope: token.scopes,
    ...stateOf(request),
  };
  if (form.get("format") === "json") {
    exchange.sendJson(200, { ...answer, expires_in: life }, { "Cache-Control": "no-store" });
    return;
  }
  // A page without a script cannot read its fragment: a person is shown the token here, a program reads the redirect.
  const isPerson = exchange.header("accept")?.includes("text/html") === true;
  if (request.isLocal && isPerson) sendSecret(exchange, "The token", secret);
  else redirect(exchange, { uri: withFragment(request.redirectUri, answer) });
}

function stateOf({ state }: AuthorizeRequest): { readonly state?: string } {
  return state === undefined ? {} : { state };
}

function redirectTo(problem: ReturnType<typeof redirectProblem>): { readonly uri: string } {
  if (problem.kind === "redirect") return problem;
  throw new Error("redirectProblem made no redirect");
}
