import type { Database } from "../../database/database.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { FindRepository } from "../../repositories/find-repository.ts";
import { findAccountByName } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import type { PasswordHashes } from "../password-hashes.ts";
import type { Rights } from "../rights.ts";
import type { Permissions } from "../permissions.ts";

/** What the use cases of administration work with: `Accounts.administration`. */
export interface Administration {
  readonly database: Database;
  readonly permissions: Permissions;
  readonly rights: Rights;
  readonly passwordHashes: PasswordHashes;
  readonly findRepository: FindRepository;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
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

export function nameTaken(name: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `there is an account ${name} already`, {
    status: 409,
    detail: { field: "name", value: name },
  });
}

/** A state of things that stands against what was asked for; the message says what to do first. */
export function conflict(message: string, detail: object): RegistryError {
  return new RegistryError("PARAMETER_INVALID", message, { status: 409, detail });
}
