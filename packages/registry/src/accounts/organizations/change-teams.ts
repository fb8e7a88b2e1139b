import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Administration } from "../admin/administration.ts";
import { unknownOrganization } from "./need-organization.ts";
import { hasAdministrator, lockOrganization } from "./organization-store.ts";

/**
 * A change of who is in an organization's teams, or of what those may do, in one transaction, one after the other.
 *
 * @throws {RegistryError} `CONFLICT` (400, as Quay) when nobody who can sign in would administrate it afterwards
 */
export async function changeTeams<T>(
  { database }: Administration,
  organization: { readonly id: number; readonly name: string },
  change: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  const { id, name } = organization;
  return database.transaction(async (trx) => {
    const locked = await lockOrganization(trx, id, database.dialect);
    if (locked === undefined) throw unknownOrganization(name);
    const before = await hasAdministrator(trx, id);
    const result = await change(trx);
    if (before && !(await hasAdministrator(trx, id))) {
      throw new RegistryError(
        "CONFLICT",
        `nobody would administrate ${name}: put somebody else into a team with the role admin first`,
        { status: 400, detail: { name } },
      );
    }
    return result;
  });
}
