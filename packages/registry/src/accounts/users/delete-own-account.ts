import { lockAccountById } from "../account-store.ts";
import type { Administration } from "../admin/administration.ts";
import { conflict } from "../admin/administration.ts";
import { removeUser } from "../admin/users.ts";
import type { AccountPrincipal } from "../principal.ts";
import { findOrphanToBe } from "./user-store.ts";

/**
 * Deletes the user's own account with robots and secrets.
 *
 * @throws {RegistryError} `CONFLICT` while there are repositories, for the last superuser, and for the last admin of
 *   an organization
 */
export async function deleteOwnAccount(
  administration: Administration,
  actor: AccountPrincipal,
): Promise<void> {
  const { database, rights } = administration;
  await rights.require(actor, "self.admin");
  await database.transaction(async (trx) => {
    const user = await lockAccountById(trx, actor.accountId, database.dialect);
    if (user === undefined) return;
    const orphan = await findOrphanToBe(trx, user.id, database.dialect);
    if (orphan !== undefined) throw lastAdmin(orphan.name);
    await removeUser(administration, trx, actor, user);
  });
}

export function lastAdmin(organization: string) {
  return conflict(
    `you are the last admin of the organization ${organization}; add another one to its owners, or delete it`,
    { organization },
  );
}
