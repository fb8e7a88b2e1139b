import type { RegistryContext } from "../../../context.ts";
import type { Exchange } from "../../../http/exchange.ts";
import type { PlainRoute } from "../../../http/plain-route.ts";
import { RegistryError } from "../../../http/registry-error.ts";
import { createApplicationToken } from "../../admin/access-secrets.ts";
import { originOf } from "../../caller.ts";
import type { AccountPrincipal } from "../../principal.ts";
import { readSessionCookie } from "../../session-cookie.ts";
import { attachExternalLogin } from "../attach-external-login.ts";
import { findExternalLogin } from "../external-login-store.ts";
import { attemptCookie, readAttemptCookie } from "./attempt-cookie.ts";
import { sendCallbackPage } from "./callback-page.ts";
import { callbackUrl } from "./callback-url.ts";
import { resumeAttempt } from "./login-attempt.ts";
import type { AttemptKind, LoginAttempt } from "./login-attempt.ts";
import type { OidcLogin, OidcService } from "./oidc-service.ts";
import { expectAllowed, signInByService } from "./sign-in-by-service.ts";

/** Where services send browsers back to, by Quay's paths. */
export const externalLoginRoutes: readonly PlainRoute[] = [
  callback("login", "/oauth2/{service}/callback", finishLogin),
  callback("attach", "/oauth2/{service}/callback/attach", finishAttach),
  callback("cli", "/oauth2/{service}/callback/cli", finishCli),
];

/** What a browser has come back with. */
interface Return {
  readonly context: RegistryContext;
  readonly exchange: Exchange;
  readonly service: OidcService;
  readonly attempt: LoginAttempt;
  readonly login: OidcLogin;
}

function callback(
  kind: AttemptKind,
  path: string,
  finish: (returned: Return) => Promise<void>,
): PlainRoute {
  return {
    endpoint: { method: "GET", path },
    label: "external-login",
    handle: async (exchange, { service: id = "" }, context) => {
      try {
        const service = context.accounts.external.need(id);
        const attempt = takeAttempt(context, exchange, id, kind);
        const { search } = new URL(exchange.request.url ?? "", "http://callback");
        const url = new URL(callbackUrl(context, exchange, id, kind) + search);
        const login = await service.identify(url, attempt);
        await finish({ context, exchange, service, attempt, login });
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        exchange.failure = error;
        if (error.status >= 500) exchange.response.setHeader("Retry-After", "10");
        const lines = [capitalized(error.message)];
        sendCallbackPage(exchange, error.status, { title: "The sign-in has failed", lines });
      }
    },
  };
}

/** Each attempt is finished once: its cookie goes, whatever comes out. */
function takeAttempt(
  { now }: RegistryContext,
  exchange: Exchange,
  service: string,
  kind: AttemptKind,
): LoginAttempt & NonNullable<ReturnType<typeof resumeAttempt>> {
  const cookie = readAttemptCookie(exchange, service);
  exchange.response.setHeader("Set-Cookie", attemptCookie(exchange, service, undefined));
  const state = exchange.query.get("state") ?? "";
  const attempt = cookie && resumeAttempt(cookie, { service, kind, state }, now());
  if (attempt !== undefined && attempt !== "") return attempt;
  throw new RegistryError(
    "EXTERNAL_LOGIN_FAILED",
    "this browser has not begun this sign-in, or not in the last ten minutes; begin again",
  );
}

async function finishLogin({ context, exchange, service, attempt, login }: Return): Promise<void> {
  await signInByService(context, service, login, exchange);
  redirect(exchange, service.config.id, attempt.returnTo);
}

async function finishAttach({ context, exchange, service, attempt, login }: Return): Promise<void> {
  expectAllowed(login, service.config.allowedGroups, service.config.name);
  const user = await needOwner(context, exchange, attempt);
  await attachExternalLogin(context.accounts.administration, user, login.identity);
  const page = attempt.returnTo === "/" ? `/user/${user.name}?tab=external` : attempt.returnTo;
  redirect(exchange, service.config.id, page);
}

/** `docker login` with a secret: who signs in elsewhere has no password to give it. */
async function finishCli({ context, exchange, service, attempt, login }: Return): Promise<void> {
  const { administration } = context.accounts;
  expectAllowed(login, service.config.allowedGroups, service.config.name);
  const user = await needOwner(context, exchange, attempt);
  const { subject } = login.identity;
  const { read } = context.database;
  const known = await findExternalLogin(read, service.config.id, subject);
  if (known?.account_id !== user.accountId) {
    const { name } = login.identity;
    throw new RegistryError(
      "DENIED",
      `${name} of ${service.config.name} is not attached to the account ${user.name}`,
    );
  }
  const title = `docker login by ${service.config.name}`;
  const token = await createApplicationToken(administration, user, user.name, { title });
  const { host } = new URL(context.config.server.url ?? exchange.origin);
  sendCallbackPage(exchange, 200, {
    title: "A secret for docker login",
    lines: [
      "Run this in a terminal. The secret is shown once, and stands for your account until you delete it there.",
    ],
    code: `docker login -u='${token.user}' -p='${token.secret}' ${host}`,
  });
}

/** Who has begun, still signed in with the same browser. */
async function needOwner(
  { accounts }: RegistryContext,
  exchange: Exchange,
  { accountId }: LoginAttempt,
): Promise<AccountPrincipal> {
  const cookie = readSessionCookie(exchange);
  const session = cookie === undefined ? undefined : await accounts.sessions.find(cookie);
  if (session === undefined || session.principal.accountId !== accountId) {
    throw new RegistryError(
      "EXTERNAL_LOGIN_FAILED",
      "you have signed out meanwhile, or as somebody else; sign in and begin again",
    );
  }
  exchange.account = session.principal.name;
  return { ...session.principal, from: originOf(exchange) };
}

/** @param path of this registry */
function redirect(exchange: Exchange, service: string, path: string): void {
  const { response } = exchange;
  const cookies = [response.getHeader("Set-Cookie") ?? []].flat().map(String);
  const gone = attemptCookie(exchange, service, undefined);
  // Beginning a session has set its own cookie in place of all others.
  response.setHeader("Set-Cookie", cookies.includes(gone) ? cookies : [...cookies, gone]);
  exchange.send(303, { Location: path, "Cache-Control": "no-store" });
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
