import type { Transaction } from "kysely";
import type { Config } from "../../config/config.ts";
import type { Database } from "../../database/database.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { FindRepository } from "../../repositories/find-repository.ts";
import { findAccountByName } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import type { PasswordHashes } from "../password-hashes.ts";
import type { Rights } from "../rights.ts";
import type { Permissions } from "../permissions.ts";
import type { SealedSecrets } from "../sealed-secrets.ts";

/** What the use cases of administration work with: `Accounts.administration`. */
export interface Administration {
  readonly database: Database;
  readonly permissions: Permissions;
  readonly rights: Rights;
  readonly passwordHashes: PasswordHashes;
  readonly sealedSecrets: SealedSecrets;
  readonly findRepository: FindRepository;
  readonly config: AdministrationConfig;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** What of the configuration they look at. */
export interface AdministrationConfig {
  readonly accounts: Config["accounts"];
  readonly server: Pick<Config["server"], "url">;
  readonly mail: Config["mail"];
  readonly network: Config["network"];
  readonly oidc: Config["oidc"];
  readonly ldap: Config["ldap"];
  readonly collection: Pick<Config["collection"], "tagExpiration" | "tagExpirationChoices">;
  readonly registry: Pick<Config["registry"], "createdByPush" | "defaultQuota">;
}

/** One page of a list by name. */
export interface NamePage {
  /** Names after this one, in the order of their bytes. */
  readonly after?: string;
  readonly limit: number;
}

/**
 * The account of that name.
 *
 * @throws {RegistryError} `PARAMETER_INVALID`, 404, when there is none of these kinds
 */
export async function needAccount(
  { database }: Administration,
  name: string,
  kinds: readonly AccountRow["kind"][],
): Promise<AccountRow> {
  const account = /^[a-z0-9._+-]{1,511}$/.test(name)
    ? await findAccountByName(database.read, name)
    : undefined;
  if (account !== undefined && kinds.includes(account.kind)) return account;
  throw unknownAccount(name, kinds);
}

export function unknownAccount(name: string, kinds: readonly AccountRow["kind"][]): RegistryError {
  const shown = name.slice(0, 511);
  return new RegistryError("PARAMETER_INVALID", `there is no ${kinds.join(" or ")} ${shown}`, {
    status: 404,
    detail: { name: shown },
  });
}

/** @param field of the request that has the name. Status 400, as Quay's */
export function nameTaken(name: string, field = "name"): RegistryError {
  return new RegistryError("CONFLICT", `there is an account ${name} already`, {
    status: 400,
    detail: { field, value: name },
  });
}

export function emailTaken(email: string): RegistryError {
  return new RegistryError("CONFLICT", `another account has the e-mail address ${email}`, {
    status: 400,
    detail: { field: "email", value: email },
  });
}

/** Why `insertAccount` has made none. */
export async function accountTaken(
  trx: Transaction<Tables>,
  name: string,
  email: string | undefined,
  field?: string,
): Promise<RegistryError> {
  const isFree = (await findAccountByName(trx, name)) === undefined;
  return isFree && email !== undefined ? emailTaken(email) : nameTaken(name, field);
}

/** A state of things that stands against what was asked for; the message says what to do first. */
export function conflict(message: string, detail: object): RegistryError {
  return new RegistryError("CONFLICT", message, { detail });
}
