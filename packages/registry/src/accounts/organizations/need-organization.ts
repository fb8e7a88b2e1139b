import { RegistryError } from "../../http/registry-error.ts";
import { findAccountByName } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import type { Administration } from "../admin/administration.ts";

/** The organization of that name. @throws {RegistryError} `NOT_FOUND` */
export async function needOrganization(
  { database }: Administration,
  name: string,
): Promise<AccountRow> {
  // No name has other characters, and PostgreSQL takes no NUL.
  const account = /^[a-z0-9._-]{1,255}$/.test(name)
    ? await findAccountByName(database.read, name)
    : undefined;
  if (account?.kind !== "organization") throw unknownOrganization(name);
  return account;
}

export function unknownOrganization(name: string): RegistryError {
  const shown = name.slice(0, 255);
  return new RegistryError("NOT_FOUND", `there is no organization ${shown}`, {
    detail: { name: shown },
  });
}
