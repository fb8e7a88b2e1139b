import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** A user with everything that they may see of themselves. */
export interface UserRow {
  readonly id: number;
  readonly kind: "user" | "organization" | "robot";
  readonly name: string;
  readonly description: string;
  readonly email: string | null;
  readonly enabled: number;
  readonly superuser: number;
  readonly verified: number;
  /** 1: the registry keeps a password. */
  readonly has_password: number;
  /** JSON. */
  readonly profile: string | null;
  readonly tag_expiration: number | null;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

const USER = [
  "id",
  "kind",
  "name",
  "description",
  "email",
  "enabled",
  "superuser",
  "verified",
  "profile",
  "tag_expiration",
  "created_at",
  "last_used_at",
] as const;

/** @returns undefined as well for robots and organizations */
export async function findUser(db: Reader, id: number): Promise<UserRow | undefined> {
  return users(db).where("id", "=", id).executeTakeFirst();
}

/** Index: the unique name. */
export async function findUserByName(db: Reader, name: string): Promise<UserRow | undefined> {
  return users(db).where("name", "=", name).executeTakeFirst();
}

/**
 * One page of users by name. Index: accounts_by_kind_and_name.
 *
 * @param filter.enabled true: only those that are
 */
export async function listUserRows(
  db: Reader,
  filter: { readonly enabled: boolean; readonly after: string; readonly limit: number },
): Promise<UserRow[]> {
  let query = users(db).where("name", ">", filter.after).orderBy("name").limit(filter.limit);
  if (filter.enabled) query = query.where("enabled", "=", 1);
  return query.execute();
}

function users(db: Reader) {
  return db
    .selectFrom("accounts")
    .select(USER)
    .select(sql<number>`case when password_hash is null then 0 else 1 end`.as("has_password"))
    .where("kind", "=", "user");
}

/** Services that vouch for a user. Index: external_logins_by_account_id. */
export async function listExternalLogins(
  db: Reader,
  accountId: number,
): Promise<{ service: string; subject: string; name: string | null; email: string | null }[]> {
  return db
    .selectFrom("external_logins")
    .select(["service", "subject", "name", "email"])
    .where("account_id", "=", accountId)
    .orderBy("service")
    .execute();
}

/**
 * What a user is in which organizations, by name; several rows for several teams. Index: team_members_by_account_id.
 *
 * @param limit most rows
 */
export async function listOrganizationRoles(
  db: Reader,
  accountId: number,
  limit: number,
): Promise<{ name: string; role: "member" | "creator" | "admin" }[]> {
  return db
    .selectFrom("team_members as m")
    .innerJoin("teams as t", "t.id", "m.team_id")
    .innerJoin("accounts as o", "o.id", "t.organization_id")
    .select(["o.name", "t.role"])
    .where("m.account_id", "=", accountId)
    .orderBy("o.name")
    .limit(limit)
    .execute();
}

/**
 * An organization whose only admin is this user; undefined: there is none. The organizations that they administrate
 * are locked, so that of two last admins one stays. Indexes: team_members_by_account_id, teams_by_name, primary keys.
 */
export async function findOrphanToBe(
  trx: Writer,
  accountId: number,
  dialect: "sqlite" | "postgres",
): Promise<{ readonly name: string } | undefined> {
  const administrated = await trx
    .selectFrom("team_members as m")
    .innerJoin("teams as t", "t.id", "m.team_id")
    .select("t.organization_id")
    .distinct()
    .where("m.account_id", "=", accountId)
    .where("t.role", "=", "admin")
    .execute();
  const ids = administrated.map((row) => row.organization_id);
  if (ids.length === 0) return undefined;
  await trx
    .selectFrom("accounts")
    .select("id")
    .where("id", "in", ids)
    .orderBy("id")
    .$if(dialect === "postgres", (query) => query.forUpdate())
    .execute();
  return trx
    .selectFrom("accounts as o")
    .select("o.name")
    .where("o.id", "in", ids)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("teams as t")
            .innerJoin("team_members as m", "m.team_id", "t.id")
            .select("m.account_id")
            .whereRef("t.organization_id", "=", "o.id")
            .where("t.role", "=", "admin")
            .where("m.account_id", "!=", accountId),
        ),
      ),
    )
    .limit(1)
    .executeTakeFirst();
}

/**
 * Makes a user an organization: what is only a person's goes — password, secrets, sessions, memberships, permissions —
 * and repositories and robots stay.
 */
export async function turnIntoOrganization(trx: Writer, accountId: number): Promise<void> {
  const own = [
    "sessions", // sessions_by_account_id
    "mail_codes", // mail_codes_by_account_id
    "external_logins", // external_logins_by_account_id
    "notifications", // notifications_by_account_id_…
    "team_members", // team_members_by_account_id
    "team_invitations", // team_invitations_by_account_id
    "repository_permissions", // repository_permissions_by_account_id
    "credentials", // credentials_by_account_id
    "stars",
    "oauth_codes", // oauth_codes_by_account_id
    "oauth_assignments", // oauth_assignments_by_account_id
  ] as const;
  for (const table of own) {
    // each of these tables has the column
    await trx
      .deleteFrom(table as "sessions")
      .where("account_id", "=", accountId)
      .execute();
  }
  // prototypes_by_delegate_account_id, prototypes_by_activating_account_id
  for (const column of ["delegate_account_id", "activating_account_id"] as const) {
    await trx.deleteFrom("prototypes").where(column, "=", accountId).execute();
  }
  await trx
    .updateTable("accounts")
    .set({ kind: "organization", password_hash: null, superuser: 0, verified: 1, profile: null })
    .where("id", "=", accountId)
    .execute();
}
