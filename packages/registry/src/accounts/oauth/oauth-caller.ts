import { timingSafeEqual } from "node:crypto";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { browserSession } from "../browser-session.ts";
import { originOf } from "../caller.ts";
import type { AccountPrincipal } from "../principal.ts";
import type { Session } from "../sessions.ts";

/** Who asks at /oauth: a person, in a browser or by a program. */
export interface OauthCaller {
  readonly person: AccountPrincipal;
  /** Undefined: no browser. */
  readonly session: Session | undefined;
}

/**
 * By `Authorization`, else by the cookie of a session.
 *
 * @returns undefined when nobody is signed in
 * @throws {RegistryError} `UNAUTHORIZED` for credentials that are wrong, `DENIED` for robots, `TOOMANYREQUESTS`
 */
export async function findOauthCaller(
  { accounts }: RegistryContext,
  exchange: Exchange,
): Promise<OauthCaller | undefined> {
  const from = originOf(exchange);
  if (exchange.header("authorization") !== undefined) {
    const principal = await accounts.authenticate(exchange);
    if (principal.kind !== "account" || principal.isRobot) {
      throw new RegistryError("DENIED", "only users let applications act as them");
    }
    exchange.account = principal.name;
    return { person: { ...principal, from }, session: undefined };
  }
  const session = await browserSession(accounts.sessions, exchange);
  if (session === undefined) return undefined;
  exchange.account = session.principal.name;
  return { person: { ...session.principal, from }, session };
}

/** Name of the field of forms that shows that they are ours (Quay's). */
export const CSRF_FIELD = "_csrf_token";

/**
 * A form that a browser sends must be one that we made for this session. Programs send no cookie.
 *
 * @throws {RegistryError} `CSRF_INVALID`
 */
export function expectOwnForm(
  exchange: Exchange,
  { session }: OauthCaller,
  form: URLSearchParams,
): void {
  if (session === undefined) return;
  const sent = form.get(CSRF_FIELD) ?? exchange.header("x-csrf-token") ?? "";
  const [one, other] = [Buffer.from(sent), Buffer.from(session.csrfToken)];
  if (one.length === other.length && timingSafeEqual(one, other)) return;
  throw new RegistryError("CSRF_INVALID", "the form is not of this session; load the page again");
}

/**
 * A form without a session comes from a page of ours: browsers say where a form was (Fetch, 3.2; W3C Fetch Metadata).
 *
 * @throws {RegistryError} `ORIGIN_INVALID`
 */
export function expectOwnOrigin(exchange: Exchange, url: string | undefined): void {
  const site = exchange.header("sec-fetch-site");
  const origin = exchange.header("origin");
  const isOwn =
    (site === undefined || site === "same-origin") &&
    (origin === undefined || origin === exchange.origin || origin === url);
  if (isOwn && (site !== undefined || origin !== undefined)) return;
  throw new RegistryError("ORIGIN_INVALID", "this form is not taken from pages of other sites");
}
