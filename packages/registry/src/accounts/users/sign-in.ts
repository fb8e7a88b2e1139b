import { recordAudit } from "../../audit/record-audit.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findAccountByEmail, findAccountByName } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import { WRONG_CREDENTIALS } from "../authenticator.ts";
import { isStillGood } from "../login.ts";
import type { Login } from "../login.ts";
import { originOf } from "../caller.ts";
import type { AccountPrincipal } from "../principal.ts";
import type { BegunSession } from "../sessions.ts";
import { beginSession } from "./begin-session.ts";
import { expectOwnPage } from "./own-page.ts";

export interface Credentials {
  /** Name or e-mail address. */
  readonly username: string;
  readonly password: string;
}

export interface SignedIn {
  readonly user: AccountPrincipal;
  readonly session: BegunSession;
}

/**
 * Signs a browser in by password: the one way there is, directories included (`PasswordSource`). The cookie is set on
 * the answer.
 *
 * Unknown users, wrong passwords and disabled users are answered alike, after the same time.
 *
 * @throws {RegistryError} `CREDENTIALS_INVALID`, `EMAIL_UNVERIFIED`, `ORIGIN_INVALID`, `TOOMANYREQUESTS`, `UNAVAILABLE`
 */
export async function signIn(
  context: RegistryContext,
  { username, password }: Credentials,
  exchange: Exchange,
): Promise<SignedIn> {
  expectOwnPage(exchange, context.config.server.url);
  return signInFromOwnPage(context, { username, password }, exchange);
}

/** As {@link signIn}, for a request that is known to come from a page of ours. @throws {RegistryError} as there */
export async function signInFromOwnPage(
  context: RegistryContext,
  { username, password }: Credentials,
  exchange: Exchange,
): Promise<SignedIn> {
  const account = await findUser(context, username);
  try {
    const login = await context.accounts.checkPassword(
      account?.name ?? username,
      password,
      exchange.address,
    );
    const signedIn = login && (await signedInBy(context, login, exchange));
    if (signedIn === undefined) {
      throw new RegistryError("CREDENTIALS_INVALID", WRONG_CREDENTIALS);
    }
    return signedIn;
  } catch (error) {
    if (error instanceof RegistryError) await auditFailure(context, exchange, account, error);
    throw error;
  }
}

/** What is neither a name nor an address is not looked up: not every text is one for PostgreSQL. */
async function findUser(
  { database: { read } }: RegistryContext,
  text: string,
): Promise<AccountRow | undefined> {
  if (!/^[^\s\0\ud800-\udfff]+$/u.test(text)) return undefined;
  const account = await (text.includes("@")
    ? findAccountByEmail(read, text)
    : findAccountByName(read, text));
  return account?.kind === "user" ? account : undefined;
}

async function signedInBy(
  context: RegistryContext,
  login: Login,
  exchange: Exchange,
): Promise<SignedIn | undefined> {
  const { principal, service = null } = login;
  if (principal.kind !== "account") return undefined;
  const session = await beginSession(
    context,
    principal,
    { service, isStillGood: (account) => isStillGood(login, account) },
    exchange,
  );
  return session && { user: principal, session };
}

/** What was typed in place of a name may be a password: it is told only when it is the name of somebody. */
async function auditFailure(
  { config, database, now }: RegistryContext,
  exchange: Exchange,
  account: AccountRow | undefined,
  error: RegistryError,
): Promise<void> {
  if (!/^(?:failures|all)$/.test(config.accounts.auditSignIns)) return;
  const from = originOf(exchange);
  await database.transaction((trx) =>
    recordAudit(
      trx,
      { kind: "anonymous", from },
      {
        kind: "login_failure",
        namespace: account,
        metadata: {
          type: "password",
          kind: "user",
          username: account?.name ?? null,
          message: error.message,
          useragent: from.userAgent ?? null,
        },
      },
      now(),
    ),
  );
}
