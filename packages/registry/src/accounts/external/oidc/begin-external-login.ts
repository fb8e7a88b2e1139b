import type { RegistryContext } from "../../../context.ts";
import type { Exchange } from "../../../http/exchange.ts";
import { RegistryError } from "../../../http/registry-error.ts";
import { personOf } from "../../person.ts";
import type { Principal } from "../../principal.ts";
import type { Session } from "../../sessions.ts";
import { expectOwnPage } from "../../users/own-page.ts";
import { attemptCookie } from "./attempt-cookie.ts";
import { callbackUrl } from "./callback-url.ts";
import { beginAttempt } from "./login-attempt.ts";
import type { AttemptKind } from "./login-attempt.ts";

export interface WantedLogin {
  readonly service: string;
  readonly kind: AttemptKind;
  /** Path of the page to come back to. */
  readonly returnTo: string | undefined;
}

/** Where to send the browser, and what it must come back with. */
export interface BegunLogin {
  readonly authUrl: string;
  readonly cookie: string;
}

/**
 * Begins a sign-in with a service, or for somebody who is signed in: attaching it to their account (`attach`), or
 * making a secret for `docker login` (`cli`).
 *
 * @throws {RegistryError} `NOT_FOUND` without such a service, `UNAVAILABLE` when it cannot be reached, `DENIED`,
 *   `LOGIN_NOT_FRESH` for `attach` and `cli` when the session has not shown for a while who it is of
 */
export async function beginExternalLogin(
  context: RegistryContext,
  { actor, session }: { readonly actor: Principal; readonly session: Session | undefined },
  { service: id, kind, returnTo = "/" }: WantedLogin,
  exchange: Exchange,
): Promise<BegunLogin> {
  const { accounts, config, now } = context;
  const service = accounts.external.need(id);
  if (kind === "login") expectOwnPage(exchange, config.server.url);
  const accountId = kind === "login" ? null : await ownerOf(context, actor, session);
  const attempt = beginAttempt({ service: id, kind, accountId, returnTo, startedAt: now() });
  const authUrl = await service.authorizationUrl(attempt, {
    redirectUri: callbackUrl(context, exchange, id, kind),
    // Whoever is signed in shows once more who they are; a service could otherwise answer for an empty chair.
    again: session !== undefined,
  });
  return { authUrl, cookie: attemptCookie(exchange, id, attempt.cookie) };
}

/** The way back comes without `Authorization`, so it must be a session. */
async function ownerOf(
  { accounts, config, now }: RegistryContext,
  actor: Principal,
  session: Session | undefined,
): Promise<number> {
  await accounts.rights.require(actor, "self.admin");
  const { accountId } = personOf(actor);
  if (session === undefined) {
    throw new RegistryError("DENIED", "this is for browsers that are signed in");
  }
  if (now() - session.freshAt > config.accounts.freshLoginTimeout) {
    throw new RegistryError(
      "LOGIN_NOT_FRESH",
      "this needs your password again: POST /api/v1/signin/verify",
    );
  }
  return accountId;
}
