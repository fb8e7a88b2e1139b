// Long because it is one thing: what is asked of the database about organizations and the people in them.
import { sql } from "kysely";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export type OrganizationRow = Pick<
  Selectable<Tables["accounts"]>,
  "id" | "name" | "email" | "description" | "tag_expiration" | "created_at"
>;

const ORGANIZATION = [
  "id",
  "name",
  "email",
  "description",
  "tag_expiration",
  "created_at",
] as const;

export async function findOrganization(
  db: Reader,
  id: number,
): Promise<OrganizationRow | undefined> {
  return db
    .selectFrom("accounts")
    .select(ORGANIZATION)
    .where("id", "=", id)
    .where("kind", "=", "organization")
    .executeTakeFirst();
}

/**
 * One change of an organization's teams at a time, and no deletion meanwhile. Pushes that create repositories in it go
 * on. @returns undefined when it was deleted
 */
export async function lockOrganization(
  trx: Writer,
  id: number,
  dialect: "sqlite" | "postgres",
): Promise<OrganizationRow | undefined> {
  return trx
    .selectFrom("accounts")
    .select(ORGANIZATION)
    .where("id", "=", id)
    .where("kind", "=", "organization")
    .$if(dialect === "postgres", (query) => query.forNoKeyUpdate())
    .executeTakeFirst();
}

/** An organization's address recovers nothing, so several may have the same. */
export async function updateOrganization(
  trx: Writer,
  id: number,
  values: {
    readonly email?: string | null;
    readonly description?: string;
    /** Milliseconds. */
    readonly tag_expiration?: number | null;
  },
): Promise<void> {
  // Of a user who became an organization.
  const key = values.email === undefined ? {} : { email_key: null };
  await trx
    .updateTable("accounts")
    .set({ ...values, ...key })
    .where("id", "=", id)
    .execute();
}

/** Index: repositories_by_namespace_id. */
export async function hasPublicRepository(db: Reader, organizationId: number): Promise<boolean> {
  const row = await db
    .selectFrom("repositories")
    .select("id")
    .where("namespace_id", "=", organizationId)
    .where("visibility", "=", "public")
    .where("deleted_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Index: repositories_by_namespace_id. */
export async function hasLiveRepository(db: Reader, namespaceId: number): Promise<boolean> {
  const row = await db
    .selectFrom("repositories")
    .select("id")
    .where("namespace_id", "=", namespaceId)
    .where("deleted_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those that could still be restored. Index: repositories_deleted. */
export async function findDeletedRepositories(
  db: Reader,
  namespaceId: number,
): Promise<{ id: number }[]> {
  return db
    .selectFrom("repositories")
    .select("id")
    .where("namespace_id", "=", namespaceId)
    .where("deleted_at", "is not", null)
    .execute();
}

/** Was a role on any of its repositories given to the account itself? Index: repository_permissions_by_account_id_and_repository_id. */
export async function hasOwnRole(
  db: Reader,
  organizationId: number,
  accountId: number,
): Promise<boolean> {
  const row = await db
    .selectFrom("repository_permissions as p")
    .innerJoin("repositories as r", "r.id", "p.repository_id")
    .select("r.id")
    .where("p.account_id", "=", accountId)
    .where("r.namespace_id", "=", organizationId)
    .where("r.deleted_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Somebody who can sign in and has the role admin by a team. Indexes: teams_by_name, team_members_pk. */
export async function hasAdministrator(db: Reader, organizationId: number): Promise<boolean> {
  const row = await db
    .selectFrom("teams as t")
    .innerJoin("team_members as m", "m.team_id", "t.id")
    .innerJoin("accounts as a", "a.id", "m.account_id")
    .select("a.id")
    .where("t.organization_id", "=", organizationId)
    .where("t.role", "=", "admin")
    .where("a.kind", "=", "user")
    .where("a.enabled", "=", 1)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** A user or robot. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly kind: "user" | "organization" | "robot";
}

/** Users in any team, by id. Indexes: teams_by_name, team_members_pk. */
export async function listMemberRows(
  db: Reader,
  organizationId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<Person[]> {
  return db
    .selectFrom("teams as t")
    .innerJoin("team_members as m", "m.team_id", "t.id")
    .innerJoin("accounts as a", "a.id", "m.account_id")
    .select(["a.id", "a.name", "a.kind"])
    .distinct()
    .where("t.organization_id", "=", organizationId)
    .where("m.account_id", ">", page.after)
    .where("a.kind", "=", "user")
    .orderBy("a.id")
    .limit(page.limit)
    .execute();
}

/**
 * Users with a role of their own on a repository who are in no team, by id. Indexes: repositories_by_namespace_id,
 * repository_permissions_pk, team_members_by_account_id.
 */
export async function listCollaboratorRows(
  db: Reader,
  organizationId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<Person[]> {
  const holders = db
    .selectFrom("repositories as r")
    .innerJoin("repository_permissions as p", "p.repository_id", "r.id")
    .select("p.account_id as id")
    .distinct()
    .where("r.namespace_id", "=", organizationId)
    .where("r.deleted_at", "is", null)
    .where("p.account_id", ">", page.after);
  return db
    .selectFrom(holders.as("h"))
    .innerJoin("accounts as a", "a.id", "h.id")
    .select(["a.id", "a.name", "a.kind"])
    .where("a.kind", "=", "user")
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("team_members as m")
            .innerJoin("teams as t", "t.id", "m.team_id")
            .select("t.id")
            .whereRef("m.account_id", "=", "a.id")
            .where("t.organization_id", "=", organizationId),
        ),
      ),
    )
    .orderBy("a.id")
    .limit(page.limit)
    .execute();
}

/** Teams of an organization that these accounts are in, by name. Index: team_members_by_account_id. */
export async function findTeamsOf(
  db: Reader,
  organizationId: number,
  accountIds: readonly number[],
): Promise<{ accountId: number; name: string }[]> {
  if (accountIds.length === 0) return [];
  return db
    .selectFrom("team_members as m")
    .innerJoin("teams as t", "t.id", "m.team_id")
    .select(["m.account_id as accountId", "t.name"])
    .where("m.account_id", "in", accountIds)
    .where("t.organization_id", "=", organizationId)
    .orderBy("t.name")
    .execute();
}

/**
 * How many repositories of an organization these accounts have a role of their own on. Index:
 * repository_permissions_by_account_id_and_repository_id.
 */
export async function countRepositoriesOf(
  db: Reader,
  organizationId: number,
  accountIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (accountIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("repository_permissions as p")
    .innerJoin("repositories as r", "r.id", "p.repository_id")
    .select((eb) => ["p.account_id as id", eb.fn.countAll<number>().as("count")])
    .where("p.account_id", "in", accountIds)
    .where("r.namespace_id", "=", organizationId)
    .where("r.deleted_at", "is", null)
    .groupBy("p.account_id")
    .execute();
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/**
 * The first repositories of an organization on which these accounts have a role of their own; reading ends early for
 * each of them. Index: repository_permissions_by_account_id_and_repository_id.
 *
 * @param most repositories of each account
 */
export async function findRepositoriesOf(
  db: Reader,
  organizationId: number,
  accountIds: readonly number[],
  most: number,
): Promise<{ accountId: number; names: string[] }[]> {
  if (accountIds.length === 0) return [];
  const rows = await db
    .selectFrom("accounts as a")
    .select((eb) => [
      "a.id as accountId",
      eb
        .selectFrom(
          eb
            .selectFrom("repository_permissions as p")
            .innerJoin("repositories as r", "r.id", "p.repository_id")
            .select("r.name")
            .whereRef("p.account_id", "=", "a.id")
            .where("r.namespace_id", "=", organizationId)
            .where("r.deleted_at", "is", null)
            .orderBy("p.repository_id")
            .limit(most)
            .as("found"),
        )
        // No name has a space.
        .select(sql<string | null>`string_agg(name, ' ')`.as("names"))
        .as("names"),
    ])
    .where("a.id", "in", accountIds)
    .execute();
  return rows.map(({ accountId, names }) => ({ accountId, names: names?.split(" ") ?? [] }));
}

/** Which of these accounts are in a team of the organization. Index: team_members_by_account_id. */
export async function findMembersAmong(
  db: Reader,
  organizationId: number,
  accountIds: readonly number[],
): Promise<ReadonlySet<number>> {
  if (accountIds.length === 0) return new Set();
  const rows = await db
    .selectFrom("team_members as m")
    .innerJoin("teams as t", "t.id", "m.team_id")
    .select("m.account_id")
    .distinct()
    .where("m.account_id", "in", accountIds)
    .where("t.organization_id", "=", organizationId)
    .execute();
  return new Set(rows.map(({ account_id: id }) => id));
}

/**
 * Takes somebody out of all teams of an organization, and takes their own roles on its repositories away. Indexes:
 * team_members_by_account_id, repository_permissions_by_account_id_and_repository_id.
 *
 * @returns whether there was anything
 */
export async function removeFromOrganization(
  trx: Writer,
  organizationId: number,
  accountId: number,
): Promise<boolean> {
  const memberships = await trx
    .deleteFrom("team_members")
    .where("account_id", "=", accountId)
    .where("team_id", "in", (eb) =>
      eb.selectFrom("teams").select("id").where("organization_id", "=", organizationId),
    )
    .executeTakeFirst();
  const permissions = await trx
    .deleteFrom("repository_permissions")
    .where("account_id", "=", accountId)
    .where("repository_id", "in", (eb) =>
      eb.selectFrom("repositories").select("id").where("namespace_id", "=", organizationId),
    )
    .executeTakeFirst();
  return memberships.numDeletedRows + permissions.numDeletedRows > 0n;
}
