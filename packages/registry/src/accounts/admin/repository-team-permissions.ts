import type { Kysely } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Repository } from "../../repositories/repository.ts";
import { lockOrganization } from "../organizations/organization-store.ts";
import {
  deleteRepositoryTeamPermission,
  findRepositoryTeamRole,
  listRepositoryTeamPermissions,
  putRepositoryTeamPermission,
} from "../permission-store.ts";
import type { TeamPermissionRow } from "../permission-store.ts";
import type { Role } from "../role.ts";
import { findTeamByName } from "../team-store.ts";
import type { Actor } from "./actor.ts";
import type { Administration } from "./administration.ts";
import { factsOf, needRepository } from "./repository-permissions.ts";

/** All at once, for whoever wants no pages. */
const ALL = { after: 0, limit: 1000 };

/**
 * Gives a team of the repository's organization a role on it, in place of the one it had.
 *
 * @throws {RegistryError} `DENIED`; `NAME_UNKNOWN`; `PARAMETER_INVALID` when there is no such team
 */
export async function setTeamPermission(
  administration: Administration,
  actor: Actor,
  permission: { readonly repository: string; readonly team: string; readonly role: Role },
): Promise<TeamPermissionRow> {
  const repository = await needRepository(administration, actor, permission.repository);
  const { database, now } = administration;
  const { role } = permission;
  return database.transaction(async (trx) => {
    // So that the team is not deleted meanwhile.
    await lockOrganization(trx, repository.namespaceId, database.dialect);
    const team = await needTeam(trx, repository, permission.team);
    if ((await findRepositoryTeamRole(trx, repository.id, team.id)) === role) {
      return { ...team, role };
    }
    await putRepositoryTeamPermission(trx, repository.id, team.id, role);
    const metadata = { ...factsOf(repository), team: team.name, role };
    await recordAudit(trx, actor, { kind: "change_repo_permission", repository, metadata }, now());
    return { ...team, role };
  });
}

/** @returns false when there was none */
export async function removeTeamPermission(
  administration: Administration,
  actor: Actor,
  permission: { readonly repository: string; readonly team: string },
): Promise<boolean> {
  const repository = await needRepository(administration, actor, permission.repository);
  const { database, now } = administration;
  return database.transaction(async (trx) => {
    const team = await needTeam(trx, repository, permission.team);
    if (!(await deleteRepositoryTeamPermission(trx, repository.id, team.id))) return false;
    const metadata = { ...factsOf(repository), team: team.name };
    await recordAudit(trx, actor, { kind: "delete_repo_permission", repository, metadata }, now());
    return true;
  });
}

/** The role that a team has; undefined: none. */
export async function findTeamPermission(
  administration: Administration,
  actor: Actor,
  permission: { readonly repository: string; readonly team: string },
): Promise<TeamPermissionRow | undefined> {
  const repository = await needRepository(administration, actor, permission.repository);
  const { read } = administration.database;
  const team = await needTeam(read, repository, permission.team);
  const role = await findRepositoryTeamRole(read, repository.id, team.id);
  return role && { ...team, role };
}

/** By id. @param page.after id of the last one of the page before; 0 for the first */
export async function listTeamPermissionsOf(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
  page: { readonly after: number; readonly limit: number } = ALL,
): Promise<TeamPermissionRow[]> {
  const repository = await needRepository(administration, actor, repositoryName);
  return listRepositoryTeamPermissions(administration.database.read, repository.id, page);
}

async function needTeam(
  db: Kysely<Tables>,
  { namespaceId, namespace }: Repository,
  name: string,
): Promise<{ readonly id: number; readonly name: string }> {
  // No name has other characters, and PostgreSQL takes no NUL.
  const isName = /^[a-z0-9._-]{1,255}$/.test(name);
  const team = isName ? await findTeamByName(db, namespaceId, name) : undefined;
  if (team !== undefined) return { id: team.id, name: team.name };
  const shown = name.slice(0, 255);
  throw new RegistryError("PARAMETER_INVALID", `there is no team ${shown} in ${namespace}`, {
    detail: { field: "teamname", value: shown },
  });
}
