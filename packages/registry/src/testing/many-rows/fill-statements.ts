// Long because it is one thing: the rows of a registry that many people have used for a long time.
import type { Database } from "../../database/database.ts";
import { FIRST_ID } from "./scale.ts";
import type { Scale } from "./scale.ts";

const DAY = 86_400_000;

export interface Statement {
  /** The table that it fills. */
  readonly table: string;
  readonly sql: string;
}

/** SQL of each column; `i` is the number of the row, from 0 on. */
type Columns = Readonly<Record<string, string | number>>;

/**
 * SQL that fills a migrated database; both dialects take it but for bytes. Everything follows from the number of a row,
 * so two databases of one scale have the same rows. Repository 0 is the one with many tags, 1 that with a long history.
 *
 * @param now milliseconds since 1970: when the last of all this was done
 */
export function fillStatements(
  dialect: Database["dialect"],
  scale: Scale,
  now: number,
): readonly Statement[] {
  const names = new Names(scale);
  return [
    ...people(scale, names, now),
    ...repositories(scale, names, now),
    ...manifests(dialect, "i / 10", "i % 10", scale.repositories * 10, now),
    ...manifests(dialect, "0", "10 + i", 990, now),
    ...manifests(dialect, "1", "10 + i", 90, now),
    ...tags(scale, now),
    ...usage(scale, now),
    ...auditLog(scale, names, now),
  ];
}

/** Who and what is called how, and belongs to whom, by its number. */
class Names {
  readonly robots: { readonly ofFirst: number; readonly all: number };
  readonly teams: { readonly ofFirst: number; readonly all: number };
  readonly #scale: Scale;

  constructor(scale: Scale) {
    const { namespaces, largest } = scale;
    const robots = Math.ceil(largest / 6);
    const teams = Math.ceil(largest / 30);
    this.robots = { ofFirst: robots, all: robots + 3 * namespaces };
    this.teams = { ofFirst: teams, all: teams + 5 * namespaces };
    this.#scale = scale;
  }

  /** Number of the namespace of a repository. */
  namespaceOf(r: string): string {
    const { largest, namespaces } = this.#scale;
    return `(case when ${r} < ${largest} then 0 else 1 + ${r} % ${namespaces - 1} end)`;
  }

  repository(r: string): string {
    return `(${this.namespace(this.namespaceOf(r))} || '/repo-' || ${pad(r, 5)})`;
  }

  namespace(n: string): string {
    return `('org-' || ${pad(n, 3)})`;
  }

  /** Number of the namespace of a robot or team. */
  ownerOf(k: string, { ofFirst }: { readonly ofFirst: number }): string {
    return `(case when ${k} < ${ofFirst} then 0 else ${k} % ${this.#scale.namespaces} end)`;
  }

  robot(n: string, k: string): string {
    return `(${this.namespace(n)} || '+robot-' || ${pad(k, 4)})`;
  }
}

function people(scale: Scale, names: Names, now: number): Statement[] {
  const { namespaces, users } = scale;
  const { robots, teams } = names;
  const account = { enabled: 1, superuser: 0, description: "''", created_at: now - 300 * DAY };
  return [
    rows("accounts", namespaces, {
      ...account,
      id: id("i"),
      kind: "'organization'",
      name: names.namespace("i"),
      email: `${names.namespace("i")} || '@example.com'`,
    }),
    rows("accounts", users, {
      ...account,
      id: id("10000 + i"),
      kind: "'user'",
      name: `'user-' || ${pad("i", 4)}`,
      email: `'user-' || ${pad("i", 4)} || '@example.com'`,
    }),
    rows("accounts", robots.all, {
      ...account,
      id: id("100000 + i"),
      kind: "'robot'",
      name: names.robot(names.ownerOf("i", robots), "i"),
      namespace_id: id(names.ownerOf("i", robots)),
    }),
    rows("credentials", robots.all, {
      kind: "'robot'",
      account_id: id("100000 + i"),
      title: "'token'",
      secret_hash: "'robot-' || i",
      uuid: "'robot-' || i",
      created_at: now - 200 * DAY,
    }),
    rows("credentials", users * 3, {
      kind: "'application'",
      account_id: id(`10000 + i % ${users}`),
      title: "'laptop'",
      secret_hash: "'application-' || i",
      uuid: "'application-' || i",
      created_at: now - 200 * DAY,
    }),
    rows("teams", teams.all, {
      id: id("i"),
      organization_id: id(names.ownerOf("i", teams)),
      name: `'team-' || ${pad("i", 4)}`,
      role: "case when i % 10 = 0 then 'admin' else 'member' end",
      description: "''",
    }),
    rows("team_members", teams.all * 10, {
      team_id: id("i / 10"),
      account_id: id(`10000 + 1 + (i / 10 * 7 + i % 10 * 131) % ${users - 1}`),
    }),
    // The first user is in many teams of the largest organization, and admin in none.
    rows("team_members", Math.floor(teams.ofFirst / 5), {
      team_id: id("i * 5 + 1"),
      account_id: id("10000"),
    }),
    rows("prototypes", 200, {
      id: "'prototype-' || i",
      organization_id: id("0"),
      delegate_account_id: id("10000 + i"),
      role: "'read'",
      created_at: `${now - 100 * DAY} + i`,
    }),
    rows("oauth_applications", 200, {
      id: id("i"),
      organization_id: id("0"),
      client_id: "'client-' || i",
      secret_hash: "''",
      sealed: "''",
      name: "'application ' || i",
      description: "''",
      application_uri: "''",
      redirect_uri: "''",
      created_at: `${now - 100 * DAY} + i`,
    }),
    rows("credentials", 1000, {
      kind: "'oauth'",
      account_id: id("10000"),
      application_id: id("i % 4"),
      scopes: "'repo:read'",
      title: "''",
      secret_hash: "'oauth-' || i",
      uuid: "'oauth-' || i",
      created_at: now - 200 * DAY,
    }),
    rows("oauth_assignments", 200, {
      uuid: "'assigned-' || i",
      application_id: id("i"),
      account_id: id("10000"),
      scopes: "'repo:read'",
      redirect_uri: "''",
      response_type: "'token'",
      created_at: `${now - 100 * DAY} + i`,
    }),
    rows("notifications", 1000, {
      uuid: "'notice-' || i",
      account_id: id("10000"),
      kind: "'password_required'",
      metadata: "'{}'",
      created_at: `${now - 100 * DAY} + i`,
    }),
  ];
}

function repositories(scale: Scale, names: Names, now: number): Statement[] {
  const { repositories: count, largest, namespaces, users } = scale;
  const { robots, teams } = names;
  const role = "case i % 3 when 0 then 'admin' when 1 then 'write' else 'read' end";
  const team = `(case when i < ${largest} then i % ${teams.ofFirst} else ${teams.ofFirst} + i % ${5 * namespaces} end)`;
  return [
    rows("repositories", count, {
      id: id("i"),
      namespace_id: id(names.namespaceOf("i")),
      name: names.repository("i"),
      visibility: "case when i % 5 = 0 then 'public' else 'private' end",
      state: "'normal'",
      description: "'the service number ' || i || ' of many'",
      squash_at_push: 0,
      squash_compression: "'none'",
      created_at: `${now - 200 * DAY} + i`,
      pushed_at: `${now - 30 * DAY} + ${mix("i")} % ${30 * DAY}`,
    }),
    rows("repositories", largest / 6, {
      id: id("500000 + i"),
      namespace_id: id("0"),
      name: "'~deleted/' || i",
      visibility: "'private'",
      state: "'normal'",
      description: "''",
      squash_at_push: 0,
      squash_compression: "'none'",
      created_at: now - 200 * DAY,
      deleted_at: `${now - DAY} + i * 1000`,
      deleted_by: "'user-0001'",
      deleted_name: `${names.namespace("0")} || '/gone-' || i`,
    }),
    rows("credentials", 500, {
      kind: "'repository'",
      repository_id: id("0"),
      role: "'read'",
      title: "'deploy'",
      secret_hash: "'repository-' || i",
      uuid: "'repository-' || i",
      created_at: now - 200 * DAY,
    }),
    {
      table: "repository_terms",
      sql: `insert into repository_terms (term, repository_id)
        with recursive ends (id, name, place) as (
          select id, name, 1 from repositories where id >= ${FIRST_ID} and deleted_at is null
          union all
          select id, name, place + 1 from ends where place < length(name)
        )
        select substr(name, place), id from ends`,
    },
    ...["the", "service", "number", "of", "many"].map((term) =>
      rows("repository_terms", count, { term: `'${term}'`, repository_id: id("i") }),
    ),
    rows("repository_permissions", count, {
      repository_id: id("i"),
      account_id: id(`10000 + ${mix("i")} % ${users}`),
      role,
    }),
    rows("repository_permissions", count, {
      repository_id: id("i"),
      account_id: id(`100000 + ${mix("i")} % ${robots.all}`),
      role: "'write'",
    }),
    rows(
      "repository_permissions",
      users,
      { repository_id: id("0"), account_id: id("10000 + i"), role: "'read'" },
      "on conflict do nothing",
    ),
    rows("repository_team_permissions", count, { repository_id: id("i"), team_id: id(team), role }),
    rows("stars", Math.min(1000, count), {
      account_id: id("10000"),
      repository_id: id("i"),
      created_at: `${now - 100 * DAY} + i`,
    }),
    rows("blobs", count * 2, {
      digest: blob("i"),
      size: someBytes("i"),
      key: "'blobs/' || i",
      state: "'live'",
      created_at: now - 100 * DAY,
      touched_at: now,
    }),
    rows("repository_blobs", count * 2, {
      repository_id: id("i / 2"),
      digest: blob("i"),
      touched_at: now,
    }),
  ];
}

const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: {
    mediaType: "application/vnd.oci.image.config.v1+json",
    digest: `sha256:${"b".repeat(64)}`,
    size: 1000,
  },
  layers: [],
});

/** @param r number of the repository. @param m number of the manifest in it */
function manifests(
  dialect: Database["dialect"],
  r: string,
  m: string,
  count: number,
  now: number,
): Statement[] {
  const image = "application/vnd.oci.image";
  return [
    rows("manifests", count, {
      repository_id: id(r),
      digest: manifest(r, m),
      media_type: `'${image}.manifest.v1+json'`,
      artifact_type: `'${image}.config.v1+json'`,
      size: MANIFEST.length,
      kind: "'image'",
      total_size: someBytes(m),
      created_at: now - 100 * DAY,
      touched_at: now,
      platform: "'linux/amd64'",
      config_digest: blob("0"),
      described_at: now,
      content:
        dialect === "postgres"
          ? `convert_to('${MANIFEST}', 'UTF8')`
          : `cast('${MANIFEST}' as blob)`,
    }),
    rows("manifest_blobs", count, {
      repository_id: id(r),
      manifest_digest: manifest(r, m),
      blob_digest: blob(`(${r}) * 2 + i % 2`),
    }),
    rows("manifest_labels", count, {
      uuid: `'label-' || (${r}) || '-' || (${m})`,
      repository_id: id(r),
      manifest_digest: manifest(r, m),
      key: "'version'",
      value: "'1'",
      media_type: "'text/plain'",
      source: "'manifest'",
      created_at: now,
    }),
    rows("manifest_pulls", count, {
      repository_id: id(r),
      digest: manifest(r, m),
      pulls: 7,
      last_pulled_at: now,
    }),
  ];
}

function tags(scale: Scale, now: number): Statement[] {
  const rest = scale.tags - scale.tagsOfOne - scale.history;
  const perRepository = Math.ceil(rest / (scale.repositories - 2));
  const r = `(2 + i / ${perRepository})`;
  const j = `(i % ${perRepository})`;
  const isOld = `(${j} + 30 < ${perRepository} and i + 30 < ${rest})`;
  const isFormer = `(i < ${scale.history - 1})`;
  const turn = (number: string, after: string): string =>
    `(${now - 60 * DAY} + (${j} / 30 + ${after}) * ${DAY} + ${mix(number)} % ${DAY / 2})`;
  const tag = { started_by: "'user-0001'", immutable: 0, size: someBytes("i") };
  const long = (number: string): string => `${now - 90 * DAY} + (${number}) * 600000`;
  return [
    // The repository with many tags.
    rows("tags", scale.tagsOfOne, {
      ...tag,
      repository_id: id("0"),
      name: `'v-' || ${pad("i", 6)}`,
      manifest_digest: manifest("0", "i % 1000"),
      started_at: `${now - 90 * DAY} + i * 60000`,
    }),
    // The tag with a long history.
    rows("tags", scale.history, {
      ...tag,
      repository_id: id("1"),
      name: "'latest'",
      manifest_digest: manifest("1", "i % 100"),
      started_at: long("i"),
      ended_at: `case when ${isFormer} then ${long("i + 1")} end`,
      ended_by: `case when ${isFormer} then 'user-0002' end`,
      end_kind: `case when ${isFormer} then 'moved' end`,
    }),
    // Thirty tags of each other repository, moved some times.
    rows("tags", rest, {
      ...tag,
      repository_id: id(r),
      name: `'tag-' || ${pad(`${j} % 30`, 2)}`,
      manifest_digest: manifest(r, `${mix("i")} % 10`),
      started_at: turn("i", "0"),
      ended_at: `case when ${isOld} then ${turn("i + 30", "1")} end`,
      expires_at: `case when ${j} % 30 = 29 and not ${isOld} then ${now + 30 * DAY} end`,
      immutable: `case when ${j} % 30 = 28 and not ${isOld} then 1 else 0 end`,
      ended_by: `case when ${isOld} then 'user-0004' end`,
      end_kind: `case when ${isOld} then 'moved' end`,
    }),
  ];
}

function usage(scale: Scale, now: number): Statement[] {
  const pulls = { pulls: `${mix("i")} % 1000`, last_pulled_at: `${now} - i` };
  const measured = {
    bytes: `${mix("i")} % 1000000000`,
    pending_bytes: `${mix("i")} % 1000000`,
    measured_at: now,
  };
  return [
    rows("tag_pulls", scale.tagsOfOne, {
      ...pulls,
      repository_id: id("0"),
      name: `'v-' || ${pad("i", 6)}`,
    }),
    rows("tag_pulls", (scale.repositories - 2) * 10, {
      ...pulls,
      repository_id: id("2 + i / 10"),
      name: `'tag-' || ${pad("i % 10", 2)}`,
    }),
    rows("pull_days", scale.repositories * 30, {
      repository_id: id("i / 30"),
      day: `${Math.floor(now / DAY) - 30} + i % 30`,
      pulls: `${mix("i")} % 1000`,
    }),
    rows("repository_usage", scale.repositories, { ...measured, repository_id: id("i") }),
    rows("namespace_usage", scale.namespaces, { ...measured, namespace_id: id("i") }),
  ];
}

function auditLog(scale: Scale, names: Names, now: number): Statement[] {
  const { entries, largest, repositories: count, users } = scale;
  const random = mix("i");
  const r = `(case when ${random} % 2 = 0 then ${random} / 2 % ${largest}
    else ${largest} + ${random} / 2 % ${count - largest} end)`;
  const share = `(${random} / 64 % 1000)`;
  const who = `(${random} / 16 % 10)`;
  const robot = names.robot(names.namespaceOf(r), `${r} % 7`);
  const user = `('user-' || ${pad(`${random} / 8 % ${users}`, 4)})`;
  return [
    rows("audit_log", entries, {
      at: `${now - 30 * DAY} + i * ${Math.floor((30 * DAY) / entries)}`,
      kind: `case when ${share} < 850 then 'pull_repo' when ${share} < 910 then 'push_repo'
        when ${share} < 950 then 'create_tag' when ${share} < 980 then 'move_tag'
        when ${share} < 990 then 'delete_tag' when ${share} < 995 then 'change_repo_permission'
        when ${share} < 998 then 'set_repo_description' else 'change_repo_visibility' end`,
      namespace_id: id(names.namespaceOf(r)),
      namespace: names.namespace(names.namespaceOf(r)),
      repository_id: id(r),
      repository: names.repository(r),
      performer: `case when ${who} = 0 then null when ${who} = 1 then ${user} else ${robot} end`,
      performer_kind: `case when ${who} = 0 then 'anonymous' when ${who} = 1 then 'user' else 'robot' end`,
      via: "'robot token'",
      address: "'10.0.0.1'",
      user_agent: "'containers/5.29 (github.com/containers/image)'",
      metadata: `'{"tag":"tag-' || ${pad("i % 30", 2)} || '","manifest_digest":"' || ${manifest(r, "0")} || '"}'`,
    }),
    // What is hard to find: few of a kind and few of a performer, long ago, in the largest namespace.
    rows("audit_log", 5, {
      at: `${now - 30 * DAY} + i`,
      kind: "'org_create_team'",
      namespace_id: id("0"),
      namespace: names.namespace("0"),
      performer: "'rare'",
      performer_kind: "'user'",
      via: "'session'",
      metadata: `'{"team":"team-' || i || '"}'`,
    }),
    ...DAY_LISTS.map(({ namespace, repository, performer }) => ({
      table: "audit_days",
      sql: `insert into audit_days (day, namespace_id, repository_id, performer, kind, entries)
        select at / ${DAY}, ${namespace}, ${repository}, ${performer}, kind, count(*)
        from audit_log
        where namespace_id >= ${FIRST_ID}
          and ${repository} is not null and ${performer} is not null
        group by 1, 2, 3, 4, 5
        on conflict do nothing`,
    })),
  ];
}

/** Every list that counts an entry (`audit/day-counts.ts`). */
const DAY_LISTS = ["''", "performer"].flatMap((performer) => [
  { namespace: "0", repository: "0", performer },
  { namespace: "namespace_id", repository: "0", performer },
  { namespace: "namespace_id", repository: "repository_id", performer },
]);

function rows(table: string, count: number, columns: Columns, end = ""): Statement {
  return {
    table,
    sql: `insert into ${table} (${Object.keys(columns).join(", ")})
      with recursive numbers (i) as (
        select cast(0 as bigint) union all select i + 1 from numbers where i + 1 < ${count}
      )
      select ${Object.values(columns).join(", ")} from numbers where true ${end}`,
  };
}

function id(number: string): string {
  return `${FIRST_ID} + ${number}`;
}

/** With zeros before it. */
function pad(number: string, width: number): string {
  return `substr(cast(${10 ** width} + (${number}) as text), 2)`;
}

/** A number below 2^32 that follows from another one, and looks as if it did not. */
function mix(number: string): string {
  return `((${number}) * 2654435761 % 4294967291)`;
}

function someBytes(number: string): string {
  return `1000000 + ${mix(number)} % 100000000`;
}

function manifest(r: string, m: string): string {
  return `('sha256:${"a".repeat(50)}' || ${pad(`(${r}) * 100000 + (${m})`, 14)})`;
}

function blob(number: string): string {
  return `('sha256:${"b".repeat(50)}' || ${pad(number, 14)})`;
}
