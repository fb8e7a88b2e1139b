// Long because it is one thing: the first shape of all tables. A migration that has landed is never edited.
import { sql } from "kysely";
import type { ColumnDefinitionBuilder, Kysely } from "kysely";
import { columnTypes } from "./column-types.ts";
import type { ColumnTypes } from "./column-types.ts";

type Column = ColumnDefinitionBuilder;
const required = (column: Column): Column => column.notNull();
/** The row goes with the row it belongs to. */
const partOf =
  (reference: `${string}.${string}`) =>
  (column: Column): Column =>
    column.references(reference).onDelete("cascade");
const requiredPartOf =
  (reference: `${string}.${string}`) =>
  (column: Column): Column =>
    partOf(reference)(column).notNull();

/** See tables.ts for the meaning of tables and columns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const types = columnTypes(db);
  await createAccounts(db, types);
  await createRepositories(db, types);
  await createTeams(db, types);
  await createCredentials(db, types);
  await createSecrets(db, types);
  await createBlobs(db, types);
  await createManifests(db, types);
  await createTags(db, types);
  await createSquashing(db, types);
  await createWork(db, types);
}

async function createAccounts(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table } = types;
  await db.schema
    .createTable("accounts")
    .addColumn("id", integer, identity)
    .addColumn("kind", text, required)
    .addColumn("name", text, (column) => column.notNull().unique())
    .addColumn("namespace_id", integer, partOf("accounts.id"))
    .addColumn("email", text)
    .addColumn("password_hash", text)
    .addColumn("enabled", integer, required)
    .addColumn("superuser", integer, required)
    .addColumn("description", text, required)
    .addColumn("tag_expiration", integer)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await index(db, "accounts", ["namespace_id"]);
}

async function createRepositories(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table, keyedTable } = types;
  await db.schema
    .createTable("repositories")
    .addColumn("id", integer, identity)
    .addColumn("namespace_id", integer, requiredPartOf("accounts.id"))
    .addColumn("name", text, (column) => column.notNull().unique())
    .addColumn("visibility", text, required)
    .addColumn("state", text, required)
    .addColumn("description", text, required)
    .addColumn("squash_at_push", integer, required)
    .addColumn("squash_compression", text, required)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await index(db, "repositories", ["namespace_id"]);

  await db.schema
    .createTable("repository_permissions")
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addColumn("role", text, required)
    .addPrimaryKeyConstraint("repository_permissions_pk", ["repository_id", "account_id"])
    .$call(keyedTable)
    .execute();
  await index(db, "repository_permissions", ["account_id"]);
}

async function createTeams(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table, keyedTable } = types;
  await db.schema
    .createTable("teams")
    .addColumn("id", integer, identity)
    .addColumn("organization_id", integer, requiredPartOf("accounts.id"))
    .addColumn("name", text, required)
    .addColumn("role", text, required)
    .addColumn("description", text, required)
    .addUniqueConstraint("teams_by_name", ["organization_id", "name"])
    .$call(table)
    .execute();

  await db.schema
    .createTable("team_members")
    .addColumn("team_id", integer, requiredPartOf("teams.id"))
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addPrimaryKeyConstraint("team_members_pk", ["team_id", "account_id"])
    .$call(keyedTable)
    .execute();
  await index(db, "team_members", ["account_id"]);

  await db.schema
    .createTable("repository_team_permissions")
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("team_id", integer, requiredPartOf("teams.id"))
    .addColumn("role", text, required)
    .addPrimaryKeyConstraint("repository_team_permissions_pk", ["repository_id", "team_id"])
    .$call(keyedTable)
    .execute();
  await index(db, "repository_team_permissions", ["team_id"]);
}

async function createCredentials(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table } = types;
  await db.schema
    .createTable("credentials")
    .addColumn("id", integer, identity)
    .addColumn("kind", text, required)
    .addColumn("account_id", integer, partOf("accounts.id"))
    .addColumn("repository_id", integer, partOf("repositories.id"))
    .addColumn("role", text)
    .addColumn("title", text, required)
    .addColumn("secret_hash", text, (column) => column.notNull().unique())
    .addColumn("created_at", integer, required)
    .addColumn("expires_at", integer)
    .addColumn("last_used_at", integer)
    .$call(table)
    .execute();
  await index(db, "credentials", ["account_id"]);
  await index(db, "credentials", ["repository_id"]);
}

async function createSecrets(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, keyedTable } = types;
  await db.schema
    .createTable("signing_keys")
    .addColumn("kid", text, (column) => column.notNull().primaryKey())
    .addColumn("private_jwk", text, required)
    .addColumn("public_jwk", text, required)
    .addColumn("created_at", integer, required)
    .addColumn("signs_until", integer, required)
    .addColumn("expires_at", integer, required)
    .$call(keyedTable)
    .execute();

  await db.schema
    .createTable("settings")
    .addColumn("key", text, (column) => column.notNull().primaryKey())
    .addColumn("value", text, required)
    .$call(keyedTable)
    .execute();
}

async function createBlobs(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, table, keyedTable } = types;
  await db.schema
    .createTable("blobs")
    .addColumn("digest", text, (column) => column.notNull().primaryKey())
    .addColumn("size", integer, required)
    .addColumn("key", text, required)
    .addColumn("state", text, required)
    .addColumn("created_at", integer, required)
    .addColumn("touched_at", integer, required)
    .$call(keyedTable)
    .execute();
  await index(db, "blobs", ["state", "touched_at"]);

  // The reference to blobs does not cascade: the row of a blob that a repository has cannot be deleted.
  await db.schema
    .createTable("repository_blobs")
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("digest", text, (column) => column.notNull().references("blobs.digest"))
    .addColumn("deleted_at", integer)
    .addColumn("touched_at", integer, required)
    .addPrimaryKeyConstraint("repository_blobs_pk", ["repository_id", "digest"])
    .$call(keyedTable)
    .execute();
  await index(db, "repository_blobs", ["digest"]);
  await index(db, "repository_blobs", ["touched_at"]);

  await db.schema
    .createTable("uploads")
    .addColumn("id", text, (column) => column.notNull().primaryKey())
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("size", integer, required)
    .addColumn("state", text, required)
    .addColumn("status", text, required)
    .addColumn("created_at", integer, required)
    .addColumn("touched_at", integer, required)
    .$call(table)
    .execute();
  await index(db, "uploads", ["repository_id"]);
  await index(db, "uploads", ["touched_at"]);
}

async function createManifests(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, bytes, table, keyedTable } = types;
  // The content is last: SQLite reads what stands before it without walking through it.
  await db.schema
    .createTable("manifests")
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("digest", text, required)
    .addColumn("media_type", text, required)
    .addColumn("artifact_type", text)
    .addColumn("subject_digest", text)
    .addColumn("size", integer, required)
    .addColumn("kind", text, required)
    .addColumn("total_size", integer, required)
    .addColumn("created_at", integer, required)
    .addColumn("deleted_at", integer)
    .addColumn("touched_at", integer, required)
    .addColumn("annotations", text)
    .addColumn("content", bytes, required)
    .addPrimaryKeyConstraint("manifests_pk", ["repository_id", "digest"])
    .$call(table)
    .execute();
  await index(db, "manifests", ["digest"]);
  await index(db, "manifests", ["touched_at"]);
  await db.schema
    .createIndex("manifests_by_repository_id_and_subject_digest")
    .on("manifests")
    .columns(["repository_id", "subject_digest"])
    .where(sql.ref("subject_digest"), "is not", null)
    .execute();

  // No reference to blobs or children: an index may name manifests that are not there (distribution-spec, sparse).
  for (const [name, member] of [
    ["manifest_blobs", "blob_digest"],
    ["manifest_children", "child_digest"],
  ] as const) {
    await db.schema
      .createTable(name)
      .addColumn("repository_id", integer, required)
      .addColumn("manifest_digest", text, required)
      .addColumn(member, text, required)
      .addPrimaryKeyConstraint(`${name}_pk`, ["repository_id", "manifest_digest", member])
      .addForeignKeyConstraint(
        `${name}_manifest`,
        ["repository_id", "manifest_digest"],
        "manifests",
        ["repository_id", "digest"],
        (constraint) => constraint.onDelete("cascade"),
      )
      .$call(keyedTable)
      .execute();
    await index(db, name, ["repository_id", member]);
  }
}

async function createTags(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table } = types;
  // The reference to manifests does not cascade: what a tag points to, or can be taken back to, cannot be deleted.
  await db.schema
    .createTable("tags")
    .addColumn("id", integer, identity)
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("name", text, required)
    .addColumn("manifest_digest", text, required)
    .addColumn("started_at", integer, required)
    .addColumn("ended_at", integer)
    .addColumn("started_by", text)
    .addForeignKeyConstraint("tags_manifest", ["repository_id", "manifest_digest"], "manifests", [
      "repository_id",
      "digest",
    ])
    .$call(table)
    .execute();
  await db.schema
    .createIndex("tags_open")
    .unique()
    .on("tags")
    .columns(["repository_id", "name"])
    .where(sql.ref("ended_at"), "is", null)
    .execute();
  await db.schema
    .createIndex("tags_by_ended_at")
    .on("tags")
    .column("ended_at")
    .where(sql.ref("ended_at"), "is not", null)
    .execute();
  await index(db, "tags", ["repository_id", "name", "started_at"]);
  await index(db, "tags", ["repository_id", "manifest_digest"]);
}

async function createSquashing(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, bytes, identity, table } = types;
  await db.schema
    .createTable("layer_indexes")
    .addColumn("digest", text, (column) => column.notNull().primaryKey())
    .addColumn("version", integer, required)
    .addColumn("state", text, required)
    .addColumn("diff_id", text)
    .addColumn("size", integer)
    .addColumn("reason", text)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();

  await db.schema
    .createTable("squashed_images")
    .addColumn("id", integer, identity)
    .addColumn("source_digest", text, required)
    .addColumn("version", integer, required)
    .addColumn("keep", integer, required)
    .addColumn("compression", text, required)
    .addColumn("manifest_digest", text, required)
    .addColumn("config_digest", text, required)
    .addColumn("layer_digest", text, required)
    .addColumn("layer_size", integer, required)
    .addColumn("diff_id", text, required)
    .addColumn("tar_size", integer, required)
    .addColumn("created_at", integer, required)
    .addColumn("touched_at", integer, required)
    .addColumn("manifest", bytes, required)
    .addColumn("config", bytes, required)
    .addUniqueConstraint("squashed_images_by_source", [
      "source_digest",
      "version",
      "keep",
      "compression",
    ])
    .$call(table)
    .execute();
  await index(db, "squashed_images", ["layer_digest"]);
  await index(db, "squashed_images", ["config_digest"]);
  await index(db, "squashed_images", ["manifest_digest"]);

  await db.schema
    .createTable("squash_plans")
    .addColumn("layers_id", text, required)
    .addColumn("keep", integer, required)
    .addColumn("version", text, required)
    .addColumn("plan", bytes, required)
    .addColumn("layers", text, required)
    .addColumn("used_at", integer, required)
    .addPrimaryKeyConstraint("squash_plans_pk", ["layers_id", "keep"])
    .$call(table)
    .execute();
  await index(db, "squash_plans", ["used_at"]);

  await db.schema
    .createTable("squashed_indexes")
    .addColumn("digest", text, required)
    .addColumn("source_digest", text, required)
    .addColumn("manifest", bytes, required)
    .addColumn("created_at", integer, required)
    .addColumn("touched_at", integer, required)
    .addPrimaryKeyConstraint("squashed_indexes_pk", ["digest", "source_digest"])
    .$call(table)
    .execute();
  await index(db, "squashed_indexes", ["source_digest"]);
}

async function createWork(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table, keyedTable } = types;
  await db.schema
    .createTable("events")
    .addColumn("id", integer, identity)
    .addColumn("kind", text, required)
    .addColumn("payload", text, required)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();

  await db.schema
    .createTable("jobs")
    .addColumn("id", integer, identity)
    .addColumn("kind", text, required)
    .addColumn("key", text, required)
    .addColumn("payload", text, required)
    .addColumn("state", text, required)
    .addColumn("run_at", integer, required)
    .addColumn("attempts", integer, required)
    .addColumn("lease_until", integer)
    .addColumn("owner", text)
    .addColumn("last_error", text)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await db.schema
    .createIndex("jobs_ready")
    .unique()
    .on("jobs")
    .columns(["kind", "key"])
    .where(sql.ref("state"), "=", sql.lit("ready"))
    .execute();
  await index(db, "jobs", ["state", "run_at"]);

  await db.schema
    .createTable("leases")
    .addColumn("name", text, (column) => column.notNull().primaryKey())
    .addColumn("owner", text, required)
    .addColumn("until", integer, required)
    .$call(keyedTable)
    .execute();

  await db.schema
    .createTable("collections")
    .addColumn("id", integer, identity)
    .addColumn("started_at", integer, required)
    .addColumn("finished_at", integer, required)
    .addColumn("report", text, required)
    .$call(table)
    .execute();
}

/** Named after what it finds by: `tags_by_repository_id_and_name`. */
async function index(
  db: Kysely<unknown>,
  table: string,
  columns: readonly string[],
): Promise<void> {
  await db.schema
    .createIndex(`${table}_by_${columns.join("_and_")}`)
    .on(table)
    .columns([...columns])
    .execute();
}
