import { timingSafeEqual } from "node:crypto";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { readForm } from "../../http/read-form.ts";
import { parseBasic } from "../basic-credentials.ts";
import { originOf } from "../caller.ts";
import { addressGroup } from "../failure-throttle.ts";
import { tooManyFailures } from "../password-logins.ts";
import { hashSecret } from "../secret.ts";
import { findApplication } from "./application-store.ts";
import type { ApplicationRow } from "./application-store.ts";
import { redeemCode } from "./redeem-code.ts";

/** RFC 6749, 5.2. */
type TokenError =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unsupported_grant_type"
  | "invalid_scope";

/**
 * `POST /oauth/access_token`: an application exchanges a code for a token (RFC 6749, 4.1.3). Its client secret comes as
 * Basic or in the form.
 */
export async function giveAccessToken(exchange: Exchange, context: RegistryContext): Promise<void> {
  const form = await readForm(exchange);
  const repeated = [...form.keys()].find((name) => form.getAll(name).length > 1);
  if (repeated !== undefined) {
    refuse(exchange, "invalid_request", "a parameter is given more than once");
    return;
  }
  const get = (name: string): string | undefined => form.get(name) || undefined;
  const client = readClient(exchange, get("client_id"), get("client_secret"));
  const application = client && (await findClient(context, exchange, client));
  if (application === undefined) {
    refuse(exchange, "invalid_client", "the application or its client secret is wrong");
    return;
  }
  if (get("grant_type") !== "authorization_code") {
    refuse(exchange, "unsupported_grant_type", "grant_type must be authorization_code");
    return;
  }
  const code = get("code");
  if (code === undefined) {
    refuse(exchange, "invalid_request", "code is missing");
    return;
  }
  const claim = { code, redirectUri: get("redirect_uri"), verifier: get("code_verifier") };
  const { administration } = context.accounts;
  const made = await redeemCode(administration, application, claim, originOf(exchange));
  if (made === undefined) {
    refuse(exchange, "invalid_grant", "the code is not good, or was used already");
    return;
  }
  const { token, secret } = made;
  exchange.account = token.createdBy ?? undefined;
  exchange.sendJson(
    200,
    {
      access_token: secret,
      token_type: "Bearer",
      expires_in: Math.floor(((token.expiresAt ?? 0) - token.createdAt) / 1000),
      refresh_token: null,
      scope: token.scopes,
    },
    { "Cache-Control": "no-store" },
  );
}

interface Client {
  readonly id: string;
  readonly secret: string;
}

/** RFC 6749, 2.3.1: in Basic both are form-encoded first; ours look the same either way. */
function readClient(
  exchange: Exchange,
  id: string | undefined,
  secret: string | undefined,
): Client | undefined {
  const header = exchange.header("authorization");
  if (header === undefined) {
    return id === undefined || secret === undefined ? undefined : { id, secret };
  }
  const credentials = /^basic /i.test(header) ? parseBasic(header.slice(6).trim()) : "";
  if (typeof credentials === "string" || (id !== undefined && id !== credentials.user)) {
    return undefined;
  }
  return { id: credentials.user, secret: credentials.secret };
}

/** The application whose secret was shown. @throws {RegistryError} `TOOMANYREQUESTS` */
async function findClient(
  { accounts, database, now }: RegistryContext,
  exchange: Exchange,
  { id, secret }: Client,
): Promise<ApplicationRow | undefined> {
  const application = /^[0-9A-Za-z]{1,255}$/.test(id)
    ? await findApplication(database.read, id)
    : undefined;
  const shown = Buffer.from(hashSecret(secret));
  const kept = Buffer.from(application?.secret_hash ?? "");
  if (shown.length === kept.length && timingSafeEqual(shown, kept)) return application;
  const key = `secret-from:${addressGroup(exchange.address)}`;
  const wait = accounts.failures.wait(key, now());
  if (wait > 0) throw tooManyFailures(wait);
  accounts.failures.fail(key, now());
  return undefined;
}

function refuse(exchange: Exchange, error: TokenError, description: string): void {
  const isBasic = exchange.header("authorization") !== undefined;
  const challenge = isBasic ? { "WWW-Authenticate": 'Basic realm="OAuth applications"' } : {};
  const status = error === "invalid_client" ? 401 : 400;
  exchange.sendJson(
    status,
    { error, error_description: description },
    { "Cache-Control": "no-store", ...(status === 401 ? challenge : {}) },
  );
}
