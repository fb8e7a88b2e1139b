// Long because it is one thing: what accounts got beyond names, passwords and tokens.
import { PostgresAdapter, sql } from "kysely";
import type { Kysely } from "kysely";
import { createIndex, partOf, required, requiredPartOf, zero } from "./columns.ts";
import { columnTypes } from "./column-types.ts";
import type { ColumnTypes } from "./column-types.ts";

/** See tables.ts for the meaning of tables and columns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const types = columnTypes(db);
  await extendAccounts(db, types);
  await createApplications(db, types);
  await extendCredentials(db, types);
  await createSessions(db, types);
  await createTeamTables(db, types);
  await createExternalTables(db, types);
  await createMessages(db, types);
}

async function extendAccounts(db: Kysely<unknown>, { text, integer }: ColumnTypes): Promise<void> {
  await addColumns(db, "accounts", [
    ["email_key", text],
    ["profile", text],
    ["metadata", text],
    ["last_used_at", integer],
    ["expires_at", integer],
  ]);
  await db.schema
    .alterTable("accounts")
    .addColumn("verified", integer, (column) => column.notNull().defaultTo(1))
    .execute();
  // Of several accounts with one address the oldest keeps it for recovery.
  await sql`
    update accounts set email_key = lower(email) where id in (
      select min(id) from accounts where email is not null and kind <> 'robot' group by lower(email)
    )`.execute(db);
  await db.schema
    .createIndex("accounts_by_email_key")
    .unique()
    .on("accounts")
    .column("email_key")
    .execute();
  await createIndex(db, "accounts", ["kind", "name"]);
}

async function createApplications(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table } = types;
  await db.schema
    .createTable("oauth_applications")
    .addColumn("id", integer, identity)
    .addColumn("organization_id", integer, requiredPartOf("accounts.id"))
    .addColumn("client_id", text, (column) => column.notNull().unique())
    .addColumn("secret_hash", text, required)
    .addColumn("sealed", text, required)
    .addColumn("name", text, required)
    .addColumn("description", text, required)
    .addColumn("application_uri", text, required)
    .addColumn("redirect_uri", text, required)
    .addColumn("avatar_email", text)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "oauth_applications", ["organization_id", "id"]);

  await db.schema
    .createTable("oauth_codes")
    .addColumn("code_hash", text, (column) => column.notNull().primaryKey())
    .addColumn("application_id", integer, requiredPartOf("oauth_applications.id"))
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addColumn("scopes", text, required)
    .addColumn("repositories", text)
    .addColumn("redirect_uri", text, required)
    .addColumn("challenge", text)
    .addColumn("expires_at", integer, required)
    .addColumn("token_uuid", text)
    .$call(table)
    .execute();
  await createIndex(db, "oauth_codes", ["application_id"]);
  await createIndex(db, "oauth_codes", ["account_id"]);
  await createIndex(db, "oauth_codes", ["expires_at"]);

  await db.schema
    .createTable("oauth_assignments")
    .addColumn("uuid", text, (column) => column.notNull().primaryKey())
    .addColumn("application_id", integer, requiredPartOf("oauth_applications.id"))
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addColumn("scopes", text, required)
    .addColumn("repositories", text)
    .addColumn("redirect_uri", text, required)
    .addColumn("response_type", text, required)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "oauth_assignments", ["application_id"]);
  await createIndex(db, "oauth_assignments", ["account_id", "created_at"]);
}

async function extendCredentials(
  db: Kysely<unknown>,
  { text, integer }: ColumnTypes,
): Promise<void> {
  await addColumns(db, "credentials", [
    ["uuid", text],
    ["scopes", text],
    ["repositories", text],
    ["sealed", text],
    ["created_by", text],
    ["last_used_from", text],
  ]);
  await db.schema
    .alterTable("credentials")
    .addColumn("application_id", integer, partOf("oauth_applications.id"))
    .execute();
  const random =
    db.getExecutor().adapter instanceof PostgresAdapter
      ? sql`gen_random_uuid()::text`
      : sql`lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(6)))`;
  await sql`update credentials set uuid = ${random}`.execute(db);
  await db.schema
    .createIndex("credentials_by_uuid")
    .unique()
    .on("credentials")
    .column("uuid")
    .execute();
  await createIndex(db, "credentials", ["application_id", "id"]);
  await createIndex(db, "credentials", ["account_id", "kind", "id"]);
  await createIndex(db, "credentials", ["account_id", "kind", "expires_at", "id"]);
  await createIndex(db, "credentials", ["kind", "id"]);
  await createIndex(db, "credentials", ["kind", "expires_at", "id"]);
}

async function createSessions(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, table } = types;
  await db.schema
    .createTable("sessions")
    .addColumn("id_hash", text, (column) => column.notNull().primaryKey())
    .addColumn("uuid", text, (column) => column.notNull().unique())
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addColumn("created_at", integer, required)
    .addColumn("seen_at", integer, required)
    .addColumn("expires_at", integer, required)
    .addColumn("fresh_at", integer, required)
    .addColumn("service", text)
    .addColumn("address", text)
    .addColumn("user_agent", text)
    .$call(table)
    .execute();
  await createIndex(db, "sessions", ["account_id"]);
  await createIndex(db, "sessions", ["expires_at"]);

  await db.schema
    .createTable("mail_codes")
    .addColumn("code_hash", text, (column) => column.notNull().primaryKey())
    .addColumn("kind", text, required)
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addColumn("email", text)
    .addColumn("created_at", integer, required)
    .addColumn("expires_at", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "mail_codes", ["account_id"]);
  await createIndex(db, "mail_codes", ["expires_at"]);
}

async function createTeamTables(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table } = types;
  await db.schema
    .createTable("team_invitations")
    .addColumn("id", integer, identity)
    .addColumn("team_id", integer, requiredPartOf("teams.id"))
    .addColumn("account_id", integer, partOf("accounts.id"))
    .addColumn("email", text)
    .addColumn("code_hash", text, (column) => column.notNull().unique())
    .addColumn("invited_by", text)
    .addColumn("created_at", integer, required)
    .addColumn("expires_at", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "team_invitations", ["account_id"]);
  // One invitation of each to a team.
  for (const invited of ["account_id", "email"]) {
    await db.schema
      .createIndex(`team_invitations_by_team_id_and_${invited}`)
      .unique()
      .on("team_invitations")
      .columns(["team_id", invited])
      .execute();
  }
  // Pages of what an account or a team was given go by repository.
  for (const [name, owner] of [
    ["repository_permissions", "account_id"],
    ["repository_team_permissions", "team_id"],
  ] as const) {
    await db.schema.dropIndex(`${name}_by_${owner}`).execute();
    await createIndex(db, name, [owner, "repository_id"]);
  }

  await db.schema
    .createTable("team_syncs")
    .addColumn("team_id", integer, (column) => partOf("teams.id")(column).notNull().primaryKey())
    .addColumn("service", text, required)
    .addColumn("group_name", text, required)
    .addColumn("synced_at", integer)
    .addColumn("last_error", text)
    .$call(table)
    .execute();
  await createIndex(db, "team_syncs", ["service", "group_name"]);

  await db.schema
    .createTable("prototypes")
    .addColumn("id", text, (column) => column.notNull().primaryKey())
    .addColumn("organization_id", integer, requiredPartOf("accounts.id"))
    .addColumn("activating_account_id", integer, partOf("accounts.id"))
    .addColumn("delegate_account_id", integer, partOf("accounts.id"))
    .addColumn("delegate_team_id", integer, partOf("teams.id"))
    .addColumn("role", text, required)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "prototypes", ["organization_id", "created_at", "id"]);
  await createIndex(db, "prototypes", ["activating_account_id"]);
  await createIndex(db, "prototypes", ["delegate_account_id"]);
  await createIndex(db, "prototypes", ["delegate_team_id"]);
}

async function createExternalTables(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table } = types;
  await db.schema
    .createTable("external_logins")
    .addColumn("service", text, required)
    .addColumn("subject", text, required)
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addColumn("name", text)
    .addColumn("email", text)
    .addColumn("created_at", integer, required)
    .addColumn("missing_since", integer)
    .addPrimaryKeyConstraint("external_logins_pk", ["service", "subject"])
    .$call(table)
    .execute();
  await createIndex(db, "external_logins", ["account_id"]);

  await db.schema
    .createTable("robot_federations")
    .addColumn("id", integer, identity)
    .addColumn("robot_id", integer, requiredPartOf("accounts.id"))
    .addColumn("issuer", text, required)
    .addColumn("subject", text, required)
    .addColumn("audience", text)
    .$call(table)
    .execute();
  await createIndex(db, "robot_federations", ["robot_id"]);
}

async function createMessages(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, table } = types;
  await db.schema
    .createTable("messages")
    .addColumn("uuid", text, (column) => column.notNull().primaryKey())
    .addColumn("content", text, required)
    .addColumn("media_type", text, required)
    .addColumn("severity", text, required)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "messages", ["created_at"]);

  await db.schema
    .createTable("notifications")
    .addColumn("uuid", text, (column) => column.notNull().primaryKey())
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addColumn("kind", text, required)
    .addColumn("metadata", text, required)
    .addColumn("about", text)
    .addColumn("dismissed", integer, zero)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "notifications", ["account_id", "dismissed", "created_at", "uuid"]);
  await createIndex(db, "notifications", ["account_id", "kind", "about"]);
  await createIndex(db, "notifications", ["created_at"]);
}

/** Columns that are null in the rows there are. */
async function addColumns(
  db: Kysely<unknown>,
  table: string,
  columns: readonly (readonly [name: string, type: ColumnTypes["text"] | ColumnTypes["integer"]])[],
): Promise<void> {
  for (const [name, type] of columns) {
    await db.schema.alterTable(table).addColumn(name, type).execute();
  }
}
