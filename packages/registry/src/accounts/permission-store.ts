// Long because it is one thing: roles on repositories, whoever has them and by whatever way.
import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { Role } from "./role.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/**
 * Every role that an account has on a repository, by itself and by teams. Indexes: repository_permissions_pk,
 * team_members_by_account_id, repository_team_permissions_pk, teams' primary key.
 */
export async function findRoles(
  db: Reader,
  accountId: number,
  repository: { readonly id: number; readonly namespaceId: number },
): Promise<Role[]> {
  const rows = await db
    .selectFrom("repository_permissions")
    .select("role")
    .where("repository_id", "=", repository.id)
    .where("account_id", "=", accountId)
    .unionAll(
      db
        .selectFrom("team_members as m")
        .innerJoin("repository_team_permissions as p", "p.team_id", "m.team_id")
        .select("p.role")
        .where("m.account_id", "=", accountId)
        .where("p.repository_id", "=", repository.id),
    )
    .unionAll(
      db
        .selectFrom("team_members as m")
        .innerJoin("teams as t", "t.id", "m.team_id")
        .select(sql<Role>`'admin'`.as("role"))
        .where("m.account_id", "=", accountId)
        .where("t.organization_id", "=", repository.namespaceId)
        .where("t.role", "=", "admin"),
    )
    .execute();
  return rows.map(({ role }) => role);
}

/** Roles that an account has in an organization by its teams. Index: team_members_by_account_id. */
export async function findTeamRoles(
  db: Reader,
  accountId: number,
  organizationId: number,
): Promise<("member" | "creator" | "admin")[]> {
  const rows = await db
    .selectFrom("team_members as m")
    .innerJoin("teams as t", "t.id", "m.team_id")
    .select("t.role")
    .where("m.account_id", "=", accountId)
    .where("t.organization_id", "=", organizationId)
    .execute();
  return rows.map(({ role }) => role);
}

export async function putRepositoryPermission(
  trx: Writer,
  repositoryId: number,
  accountId: number,
  role: Role,
): Promise<void> {
  await trx
    .insertInto("repository_permissions")
    .values({ repository_id: repositoryId, account_id: accountId, role })
    .onConflict((conflict) =>
      conflict.columns(["repository_id", "account_id"]).doUpdateSet({ role }),
    )
    .execute();
}

/** Of a repository that was just made: none of them has a role on it yet. */
export async function insertRepositoryPermissions(
  trx: Writer,
  repositoryId: number,
  roles: ReadonlyMap<number, Role>,
): Promise<void> {
  if (roles.size === 0) return;
  await trx
    .insertInto("repository_permissions")
    .values(
      Array.from(roles, ([account_id, role]) => ({
        repository_id: repositoryId,
        account_id,
        role,
      })),
    )
    .execute();
}

/** As {@link insertRepositoryPermissions}, by ids of teams. */
export async function insertRepositoryTeamPermissions(
  trx: Writer,
  repositoryId: number,
  roles: ReadonlyMap<number, Role>,
): Promise<void> {
  if (roles.size === 0) return;
  await trx
    .insertInto("repository_team_permissions")
    .values(
      Array.from(roles, ([team_id, role]) => ({ repository_id: repositoryId, team_id, role })),
    )
    .execute();
}

export async function deleteRepositoryPermission(
  trx: Writer,
  repositoryId: number,
  accountId: number,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("repository_permissions")
    .where("repository_id", "=", repositoryId)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** A role that a user or robot has by itself. */
export interface PermissionRow {
  readonly id: number;
  readonly name: string;
  readonly kind: "user" | "organization" | "robot";
  readonly role: Role;
}

/** Users and robots with a role of their own, by id. Index: repository_permissions_pk. */
export async function listRepositoryPermissions(
  db: Reader,
  repositoryId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<PermissionRow[]> {
  return db
    .selectFrom("repository_permissions as p")
    .innerJoin("accounts as a", "a.id", "p.account_id")
    .select(["a.id", "a.name", "a.kind", "p.role"])
    .where("p.repository_id", "=", repositoryId)
    .where("p.account_id", ">", page.after)
    .orderBy("p.account_id")
    .limit(page.limit)
    .execute();
}

export async function findRepositoryPermission(
  db: Reader,
  repositoryId: number,
  accountId: number,
): Promise<PermissionRow | undefined> {
  return db
    .selectFrom("repository_permissions as p")
    .innerJoin("accounts as a", "a.id", "p.account_id")
    .select(["a.id", "a.name", "a.kind", "p.role"])
    .where("p.repository_id", "=", repositoryId)
    .where("p.account_id", "=", accountId)
    .executeTakeFirst();
}

/** A role that a team has. */
export interface TeamPermissionRow {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
}

/** By id. Index: repository_team_permissions_pk. */
export async function listRepositoryTeamPermissions(
  db: Reader,
  repositoryId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<TeamPermissionRow[]> {
  return db
    .selectFrom("repository_team_permissions as p")
    .innerJoin("teams as t", "t.id", "p.team_id")
    .select(["t.id", "t.name", "p.role"])
    .where("p.repository_id", "=", repositoryId)
    .where("p.team_id", ">", page.after)
    .orderBy("p.team_id")
    .limit(page.limit)
    .execute();
}

export async function findRepositoryTeamRole(
  db: Reader,
  repositoryId: number,
  teamId: number,
): Promise<Role | undefined> {
  const row = await db
    .selectFrom("repository_team_permissions")
    .select("role")
    .where("repository_id", "=", repositoryId)
    .where("team_id", "=", teamId)
    .executeTakeFirst();
  return row?.role;
}

export async function putRepositoryTeamPermission(
  trx: Writer,
  repositoryId: number,
  teamId: number,
  role: Role,
): Promise<void> {
  await trx
    .insertInto("repository_team_permissions")
    .values({ repository_id: repositoryId, team_id: teamId, role })
    .onConflict((conflict) => conflict.columns(["repository_id", "team_id"]).doUpdateSet({ role }))
    .execute();
}

export async function deleteRepositoryTeamPermission(
  trx: Writer,
  repositoryId: number,
  teamId: number,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("repository_team_permissions")
    .where("repository_id", "=", repositoryId)
    .where("team_id", "=", teamId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** A way in which an account has a role on a repository. */
export interface RoleSource {
  readonly role: Role;
  readonly via: "user" | "team" | "organization";
  /** For `team` and `organization`: by which. */
  readonly team: string | null;
}

/** As {@link findRoles}, with what each comes from. */
export async function findRoleSources(
  db: Reader,
  accountId: number,
  repository: { readonly id: number; readonly namespaceId: number },
): Promise<RoleSource[]> {
  return db
    .selectFrom("repository_permissions")
    .select(["role", sql<RoleSource["via"]>`'user'`.as("via"), sql<string | null>`null`.as("team")])
    .where("repository_id", "=", repository.id)
    .where("account_id", "=", accountId)
    .unionAll(
      db
        .selectFrom("team_members as m")
        .innerJoin("repository_team_permissions as p", "p.team_id", "m.team_id")
        .innerJoin("teams as t", "t.id", "m.team_id")
        .select(["p.role", sql<RoleSource["via"]>`'team'`.as("via"), "t.name as team"])
        .where("m.account_id", "=", accountId)
        .where("p.repository_id", "=", repository.id),
    )
    .unionAll(
      db
        .selectFrom("team_members as m")
        .innerJoin("teams as t", "t.id", "m.team_id")
        .select([
          sql<Role>`'admin'`.as("role"),
          sql<RoleSource["via"]>`'organization'`.as("via"),
          "t.name as team",
        ])
        .where("m.account_id", "=", accountId)
        .where("t.organization_id", "=", repository.namespaceId)
        .where("t.role", "=", "admin"),
    )
    .execute();
}
