import { recordAudit } from "../../audit/record-audit.ts";
import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { checkNamespaceName } from "../account-name.ts";
import { hasUsers, insertAccount } from "../account-store.ts";
import { createOauthToken } from "../admin/access-secrets.ts";
import { OPERATOR } from "../admin/actor.ts";
import { accountTaken } from "../admin/administration.ts";
import { checkPassword } from "../admin/password-rule.ts";
import { originOf } from "../caller.ts";
import { claim } from "../setting-store.ts";
import { checkEmail } from "./email-rule.ts";
import { expectOwnPage } from "./own-page.ts";

export interface FirstUser {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  /** An OAuth token with all scopes is wanted as well. */
  readonly access_token?: boolean | undefined;
}

/**
 * Creates the very first user, a superuser, for whoever asks.
 *
 * @returns the token that was wanted
 * @throws {RegistryError} `CONFLICT`, 400, where the configuration has it off, or there are users; `PARAMETER_INVALID`
 */
export async function initializeUser(
  { accounts, config, database, now }: RegistryContext,
  user: FirstUser,
  exchange: Exchange,
): Promise<string | undefined> {
  expectOwnPage(exchange, config.server.url);
  if (!config.accounts.initialize) throw refused("it is off: `accounts.initialize`");
  if (await hasUsers(database.read)) throw refused("there are users already");
  const { username: name, email } = user;
  checkNamespaceName(name, "username");
  checkPassword(user.password);
  if (email !== undefined) checkEmail(email);
  const { administration } = accounts;
  const passwordHash = await administration.passwordHashes.hash(user.password);
  await database.transaction(async (trx) => {
    // Of several at the same time one gets the setting; the others wait for it here.
    if (!(await claim(trx, "first-user", name)) || (await hasUsers(trx))) {
      throw refused("there are users already");
    }
    const account = { kind: "user", name, email, passwordHash, superuser: true } as const;
    const id = await insertAccount(trx, { ...account, createdAt: now() });
    if (id === undefined) throw await accountTaken(trx, name, email, "username");
    const metadata = { username: name, email: email ?? null, superuser: true };
    const deed = { kind: "user_create", namespace: { id, name }, metadata } as const;
    await recordAudit(trx, { kind: "anonymous", from: originOf(exchange) }, deed, now());
  });
  if (user.access_token !== true) return undefined;
  const token = { title: "automation" };
  return (await createOauthToken(administration, OPERATOR, name, token)).secret;
}

function refused(why: string): RegistryError {
  return new RegistryError("CONFLICT", `the first user cannot be created by this: ${why}`, {
    status: 400,
  });
}
