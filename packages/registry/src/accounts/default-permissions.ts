import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import { findAccountById } from "./account-store.ts";
import type { AccountRow } from "./account-store.ts";
import {
  insertRepositoryPermissions,
  insertRepositoryTeamPermissions,
} from "./permission-store.ts";
import { findDefaultRoles } from "./prototype-store.ts";
import { greatest } from "./role.ts";
import type { Role } from "./role.ts";

/**
 * What a new repository begins with, written in the transaction that makes it: its creator has the role admin, and the
 * organization's default permissions hold. Where several give one account or team a role, the greatest counts.
 *
 * @param options.creatorId undefined: nobody's account, such as the operator. The owner of a user's namespace needs no
 *   permission of their own, and a robot of another namespace gets none
 */
export async function grantDefaultPermissions(
  trx: Transaction<Tables>,
  options: {
    readonly repositoryId: number;
    readonly namespaceId: number;
    readonly namespaceKind: AccountRow["kind"];
    readonly creatorId: number | undefined;
  },
): Promise<void> {
  const { repositoryId, namespaceId, namespaceKind, creatorId } = options;
  const accounts = new Map<number, Role>();
  const teams = new Map<number, Role>();
  if (creatorId !== undefined && (await getsAdmin(trx, creatorId, namespaceId))) {
    accounts.set(creatorId, "admin");
  }
  const isOrganization = namespaceKind === "organization";
  const defaults = isOrganization ? await findDefaultRoles(trx, namespaceId, creatorId) : [];
  for (const { delegate_account_id: account, delegate_team_id: team, role } of defaults) {
    if (account !== null) accounts.set(account, greatest([accounts.get(account), role]) ?? role);
    if (team !== null) teams.set(team, greatest([teams.get(team), role]) ?? role);
  }
  await insertRepositoryPermissions(trx, repositoryId, accounts);
  await insertRepositoryTeamPermissions(trx, repositoryId, teams);
}

async function getsAdmin(
  trx: Transaction<Tables>,
  creatorId: number,
  namespaceId: number,
): Promise<boolean> {
  if (creatorId === namespaceId) return false;
  const creator = await findAccountById(trx, creatorId);
  if (creator === undefined) return false;
  return creator.kind === "user" || creator.namespace_id === namespaceId;
}
