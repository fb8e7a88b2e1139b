import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { createAppToken } from "./app-tokens.ts";
import type { MadeAppToken } from "./app-tokens.ts";
import type { AccountPrincipal } from "../principal.ts";
import type { Session } from "../sessions.ts";

interface Shown {
  readonly user: AccountPrincipal;
  readonly password: string;
}

/**
 * The user shows their password once more, and the session may make dangerous changes for a while.
 *
 * @param session undefined: no browser, which needs none of this
 * @throws {RegistryError} `CREDENTIALS_INVALID`, `TOOMANYREQUESTS`
 */
export async function verifyPassword(
  context: RegistryContext,
  shown: Shown,
  session: Session | undefined,
  exchange: Exchange,
): Promise<void> {
  await expectPassword(context, shown, exchange, 403);
  if (session !== undefined) await context.accounts.sessions.refresh(session.uuid);
}

/**
 * An application token for whoever knows the password: Quay's encrypted password for `docker login`.
 *
 * @throws {RegistryError} `CREDENTIALS_INVALID`, 400; `TOOMANYREQUESTS`
 */
export async function makeClientKey(
  context: RegistryContext,
  shown: Shown,
  exchange: Exchange,
): Promise<MadeAppToken> {
  await expectPassword(context, shown, exchange, 400);
  const { user } = shown;
  const token = { title: "Encrypted password" };
  return createAppToken(context.accounts.administration, user, user.name, token);
}

async function expectPassword(
  { accounts }: RegistryContext,
  { user, password }: Shown,
  { address }: Exchange,
  status: 400 | 403,
): Promise<void> {
  const login = await accounts.checkPassword(user.name, password, address);
  const isTheirs =
    login?.principal.kind === "account" && login.principal.accountId === user.accountId;
  if (isTheirs) return;
  throw new RegistryError("CREDENTIALS_INVALID", "the password is wrong", {
    status,
    detail: { field: "password" },
  });
}
