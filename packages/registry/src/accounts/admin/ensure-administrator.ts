import type { Config } from "../../config/config.ts";
import type { Database } from "../../database/database.ts";
import { checkNamespaceName } from "../account-name.ts";
import { hasUsers, insertAccount } from "../account-store.ts";
import { PasswordHashes } from "../password-hashes.ts";
import { randomText } from "../secret.ts";
import { checkPassword } from "./password-rule.ts";

/** 120 random bits. */
const MADE_UP_LENGTH = 24;

export interface FirstAdministrator {
  readonly name: string;
  /** Made up just now, to be shown once; undefined: the configured one. */
  readonly password: string | undefined;
}

/**
 * Creates the administrator when there is no user at all. Called by the server on start, before it listens.
 *
 * @returns undefined when there are users, or `accounts.initialize` lets somebody else create the first; of several replicas that start at once, one gets the administrator
 * @throws {RegistryError} `PARAMETER_INVALID` when the configured name or password is not acceptable
 */
export async function ensureAdministrator(
  database: Database,
  config: Pick<Config, "accounts">,
  now: () => number = Date.now,
): Promise<FirstAdministrator | undefined> {
  if (config.accounts.initialize || (await hasUsers(database.read))) return undefined;
  const { adminName: name, adminPassword } = config.accounts;
  checkNamespaceName(name);
  if (adminPassword !== undefined) checkPassword(adminPassword);
  const password = adminPassword ?? randomText(MADE_UP_LENGTH);
  const passwordHash = await new PasswordHashes().hash(password);
  const id = await database.transaction(async (trx) =>
    (await hasUsers(trx))
      ? undefined
      : insertAccount(trx, { kind: "user", name, passwordHash, superuser: true, createdAt: now() }),
  );
  if (id === undefined) return undefined;
  return { name, password: adminPassword === undefined ? password : undefined };
}
