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

/** Users and robots with a role of their own, by name. Index: repository_permissions_pk. */
export async function listRepositoryPermissions(
  db: Reader,
  repositoryId: number,
): Promise<{ name: string; kind: "user" | "organization" | "robot"; role: Role }[]> {
  return db
    .selectFrom("repository_permissions as p")
    .innerJoin("accounts as a", "a.id", "p.account_id")
    .select(["a.name", "a.kind", "p.role"])
    .where("p.repository_id", "=", repositoryId)
    .orderBy("a.name")
    .execute();
}
