// Long because it is one thing: what repositories and tags got beyond names and intervals.
import { sql } from "kysely";
import type { Kysely } from "kysely";
import { createIndex, partOf, required, requiredPartOf, zero } from "./columns.ts";
import { columnTypes } from "./column-types.ts";
import type { ColumnTypes } from "./column-types.ts";

/** See tables.ts for the meaning of tables and columns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const types = columnTypes(db);
  await extendRepositories(db, types);
  await extendTags(db, types);
  await extendManifests(db, types);
  await createPolicies(db, types);
  await createPulls(db, types);
  await createQuotas(db, types);
}

async function extendRepositories(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, keyedTable } = types;
  for (const [name, type] of [
    ["deleted_at", integer],
    ["deleted_by", text],
    ["deleted_name", text],
  ] as const) {
    await db.schema.alterTable("repositories").addColumn(name, type).execute();
  }
  await db.schema.alterTable("repositories").addColumn("pushed_at", integer, zero).execute();
  await sql`update repositories set pushed_at = coalesce(
    (select max(started_at) from tags where tags.repository_id = repositories.id), 0)`.execute(db);
  await sql`create index repositories_deleted on repositories (namespace_id, deleted_at, id)
    where deleted_at is not null`.execute(db);
  await sql`create index repositories_to_collect on repositories (deleted_at, id)
    where deleted_at is not null`.execute(db);
  await createIndex(db, "repositories", ["namespace_id", "name"]);
  await sql`create index repositories_by_push on repositories (pushed_at, id)
    where deleted_at is null`.execute(db);
  await sql`create index repositories_public on repositories (name)
    where visibility = 'public' and deleted_at is null`.execute(db);
  await sql`create index repositories_public_by_push on repositories (pushed_at, id)
    where visibility = 'public' and deleted_at is null`.execute(db);

  await db.schema
    .createTable("repository_terms")
    .addColumn("term", text, required)
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addPrimaryKeyConstraint("repository_terms_pk", ["term", "repository_id"])
    .$call(keyedTable)
    .execute();
  await createIndex(db, "repository_terms", ["repository_id", "term"]);
  await fillTerms(db);

  await db.schema
    .createTable("stars")
    .addColumn("account_id", integer, requiredPartOf("accounts.id"))
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("created_at", integer, required)
    .addPrimaryKeyConstraint("stars_pk", ["account_id", "repository_id"])
    .$call(keyedTable)
    .execute();
  await createIndex(db, "stars", ["repository_id"]);
}

/** As `repositories/repository-terms.ts` does: every end of the name, the words of the description. */
async function fillTerms(db: Kysely<unknown>): Promise<void> {
  await sql`insert into repository_terms (term, repository_id)
    with recursive ends (id, name, place) as (
      select id, name, 1 from repositories
      union all
      select id, name, place + 1 from ends where place < length(name)
    )
    select substr(name, place), id from ends`.execute(db);
  const described = await sql<{ id: number; description: string }>`
    select id, description from repositories where description <> ''`.execute(db);
  for (const { id, description } of described.rows) {
    const words = description.toLowerCase().match(/[\p{L}\p{N}]{2,64}/gu) ?? [];
    for (const word of new Set(words.slice(0, 500))) {
      await sql`insert into repository_terms (term, repository_id) values (${word}, ${id})
        on conflict do nothing`.execute(db);
    }
  }
}

async function extendTags(db: Kysely<unknown>, { text, integer }: ColumnTypes): Promise<void> {
  for (const [name, type] of [
    ["expires_at", integer],
    ["ended_by", text],
    ["end_kind", text],
  ] as const) {
    await db.schema.alterTable("tags").addColumn(name, type).execute();
  }
  for (const name of ["immutable", "reversion", "size"]) {
    await db.schema.alterTable("tags").addColumn(name, integer, zero).execute();
  }
  await sql`update tags set size = (
    select case when m.kind = 'image' then m.total_size else coalesce((
      select sum(child.total_size) from manifest_children link
      join manifests child on child.repository_id = link.repository_id
        and child.digest = link.child_digest
      where link.repository_id = m.repository_id and link.manifest_digest = m.digest), 0) end
    from manifests m
    where m.repository_id = tags.repository_id and m.digest = tags.manifest_digest)`.execute(db);
  await sql`create index tags_expiring on tags (expires_at)
    where ended_at is null and expires_at is not null`.execute(db);
  // The columns behind `id` are what lists filter by: so they need not look at the rows themselves. SQLite wants
  // `ended_at` among them as well, though it is always null there.
  await sql`create index tags_by_start on tags (repository_id, started_at, id, name)`.execute(db);
  await sql`create index tags_open_by_start on tags (repository_id, started_at, id, name, expires_at,
    ended_at) where ended_at is null`.execute(db);
  await sql`create index tags_open_by_size on tags (repository_id, size, id)
    where ended_at is null`.execute(db);
}

async function extendManifests(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, table } = types;
  for (const [name, type] of [
    ["platform", text],
    ["config_digest", text],
    ["described_at", integer],
  ] as const) {
    await db.schema.alterTable("manifests").addColumn(name, type).execute();
  }
  await db.schema
    .createTable("manifest_labels")
    .addColumn("uuid", text, (column) => column.notNull().primaryKey())
    .addColumn("repository_id", integer, required)
    .addColumn("manifest_digest", text, required)
    .addColumn("key", text, required)
    .addColumn("value", text, required)
    .addColumn("media_type", text, required)
    .addColumn("source", text, required)
    .addColumn("created_at", integer, required)
    .addForeignKeyConstraint(
      "manifest_labels_manifest",
      ["repository_id", "manifest_digest"],
      "manifests",
      ["repository_id", "digest"],
      (constraint) => constraint.onDelete("cascade"),
    )
    .$call(table)
    .execute();
  await createIndex(db, "manifest_labels", ["repository_id", "manifest_digest"]);
  // With the digest at its end: otherwise SQLite reads all manifests of a repository in their order to find referrers.
  await sql`drop index manifests_by_repository_id_and_subject_digest`.execute(db);
  await sql`create index manifests_by_subject on manifests (repository_id, subject_digest, digest)
    where subject_digest is not null`.execute(db);
  await sql`create index manifests_undescribed on manifests (touched_at)
    where described_at is null and deleted_at is null`.execute(db);
}

async function createPolicies(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, table } = types;
  await db.schema
    .createTable("policies")
    .addColumn("uuid", text, (column) => column.notNull().primaryKey())
    .addColumn("kind", text, required)
    .addColumn("namespace_id", integer, partOf("accounts.id"))
    .addColumn("repository_id", integer, partOf("repositories.id"))
    .addColumn("method", text)
    .addColumn("value", text)
    .addColumn("tag_pattern", text)
    .addColumn("tag_pattern_matches", integer, required)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "policies", ["namespace_id", "kind"]);
  await createIndex(db, "policies", ["repository_id", "kind"]);
}

async function createPulls(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, keyedTable } = types;
  await db.schema
    .createTable("tag_pulls")
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("name", text, required)
    .addColumn("pulls", integer, required)
    .addColumn("last_pulled_at", integer, required)
    .addPrimaryKeyConstraint("tag_pulls_pk", ["repository_id", "name"])
    .$call(keyedTable)
    .execute();
  await db.schema
    .createTable("manifest_pulls")
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("digest", text, required)
    .addColumn("pulls", integer, required)
    .addColumn("last_pulled_at", integer, required)
    .addPrimaryKeyConstraint("manifest_pulls_pk", ["repository_id", "digest"])
    .$call(keyedTable)
    .execute();
  await db.schema
    .createTable("pull_days")
    .addColumn("repository_id", integer, requiredPartOf("repositories.id"))
    .addColumn("day", integer, required)
    .addColumn("pulls", integer, required)
    .addPrimaryKeyConstraint("pull_days_pk", ["repository_id", "day"])
    .$call(keyedTable)
    .execute();
}

async function createQuotas(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, integer, identity, table, keyedTable } = types;
  await db.schema
    .createTable("quotas")
    .addColumn("id", integer, identity)
    .addColumn("namespace_id", integer, (column) => requiredPartOf("accounts.id")(column).unique())
    .addColumn("limit_bytes", integer, required)
    .addColumn("created_at", integer, required)
    .$call(table)
    .execute();
  await db.schema
    .createTable("quota_limits")
    .addColumn("id", integer, identity)
    .addColumn("quota_id", integer, requiredPartOf("quotas.id"))
    .addColumn("type", text, required)
    .addColumn("percent", integer, required)
    .$call(table)
    .execute();
  await createIndex(db, "quota_limits", ["quota_id"]);
  for (const [name, owner, of] of [
    ["namespace_usage", "namespace_id", "accounts.id"],
    ["repository_usage", "repository_id", "repositories.id"],
  ] as const) {
    await db.schema
      .createTable(name)
      .addColumn(owner, integer, (column) => partOf(of)(column).notNull().primaryKey())
      .addColumn("bytes", integer, required)
      .addColumn("pending_bytes", integer, required)
      .addColumn("measured_at", integer, required)
      .$call(keyedTable)
      .execute();
  }
  await db.schema.alterTable("namespace_usage").addColumn("added_bytes", integer, zero).execute();
}
