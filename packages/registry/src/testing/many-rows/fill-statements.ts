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
  const { namespaces, repositories, largest, users } = scale;
  const robots = { ofFirst: Math.ceil(largest / 6), all: Math.ceil(largest / 6) + 3 * namespaces };
  const teams = { ofFirst: Math.ceil(largest / 30), all: Math.ceil(largest / 30) + 5 * namespaces };
  const bytes = (text: string): string =>
    dialect === "postgres" ? `convert_to('${text}', 'UTF8')` : `cast('${text}' as blob)`;
  const namespaceOf = (r: string): string =>
    `(case when ${r} < ${largest} then 0 else 1 + ${r} % ${namespaces - 1} end)`;
  const repositoryOf = (r: string): string =>
    `('org-' || ${pad(namespaceOf(r), 3)} || '/repo-' || ${pad(r, 5)})`;
  const ownerOf = (k: string, ofFirst: number): string =>
    `(case when ${k} < ${ofFirst} then 0 else ${k} % ${namespaces} end)`;
  const robotOf = (k: string): string =>
    `('org-' || ${pad(ownerOf(k, robots.ofFirst), 3)} || '+robot-' || ${pad(k, 4)})`;

  const accounts = "id, kind, name, namespace_id, email, enabled, superuser, description, created_at";
  const tagColumns =
    "repository_id, name, manifest_digest, started_at, ended_at, started_by, expires_at, immutable, size, ended_by, end_kind";
  const rest = scale.tags - scale.tagsOfOne - scale.history;
  const perRepository = Math.ceil(rest / (repositories - 2));
  const entryColumns =
    "at, kind, namespace_id, namespace, repository_id, repository, performer_id, performer, performer_kind, via, address, user_agent, metadata";

  return [
    rows("accounts", accounts, namespaces, [
      ...[id("i"), "'organization'", `'org-' || ${pad("i", 3)}`, "null"],
      ...[`'org-' || ${pad("i", 3)} || '@example.com'`, "1", "0", "''", `${now - 300 * DAY}`],
    ]),
    rows("accounts", accounts, users, [
      ...[id("10000 + i"), "'user'", `'user-' || ${pad("i", 4)}`, "null"],
      ...[`'user-' || ${pad("i", 4)} || '@example.com'`, "1", "0", "''", `${now - 300 * DAY}`],
    ]),
    rows("accounts", accounts, robots.all, [
      ...[id("100000 + i"), "'robot'", robotOf("i"), id(ownerOf("i", robots.ofFirst))],
      ...["null", "1", "0", "'builds'", `${now - 200 * DAY}`],
    ]),
    rows("credentials", "kind, account_id, title, secret_hash, created_at, uuid", robots.all, [
      ...["'robot'", id("100000 + i"), "'token'", `'robot-' || i`],
      ...[`${now - 200 * DAY}`, `'robot-' || i`],
    ]),
    rows("credentials", "kind, account_id, title, secret_hash, created_at, uuid", users * 3, [
      ...["'application'", id(`10000 + i % ${users}`), "'laptop'", `'application-' || i`],
      ...[`${now - 200 * DAY}`, `'application-' || i`],
    ]),
    rows("teams", "id, organization_id, name, role, description", teams.all, [
      ...[id("i"), id(ownerOf("i", teams.ofFirst)), `'team-' || ${pad("i", 4)}`],
      ...["case when i % 10 = 0 then 'admin' else 'member' end", "''"],
    ]),
    rows("team_members", "team_id, account_id", teams.all * 10, [
      ...[id("i / 10"), id(`10000 + (i / 10 * 7 + i % 10 * 131) % ${users}`)],
    ]),
    // The first user is in the first twenty teams.
    rows("team_members", "team_id, account_id", Math.min(20, teams.ofFirst), [
      ...[id("i"), id("10000")],
    ], "on conflict do nothing"),
    rows(
      "repositories",
      "id, namespace_id, name, visibility, state, description, squash_at_push, squash_compression, created_at, pushed_at",
      repositories,
      [
        ...[id("i"), id(namespaceOf("i")), repositoryOf("i")],
        ...["case when i % 5 = 0 then 'public' else 'private' end", "'normal'"],
        ...[`'the service number ' || i || ' of many'`, "0", "'none'"],
        ...[`${now - 200 * DAY} + i`, `${now - 30 * DAY} + ${mix("i")} % ${30 * DAY}`],
      ],
    ),
    {
      table: "repository_terms",
      sql: `insert into repository_terms (term, repository_id)
        with recursive ends (id, name, place) as (
          select id, name, 1 from repositories where id >= ${FIRST_ID}
          union all
          select id, name, place + 1 from ends where place < length(name)
        )
        select substr(name, place), id from ends`,
    },
    ...["the", "service", "number", "of", "many"].map((term) =>
      rows("repository_terms", "term, repository_id", repositories, [`'${term}'`, id("i")]),
    ),
    rows("repository_permissions", "repository_id, account_id, role", repositories, [
      ...[id("i"), id(`10000 + ${mix("i")} % ${users}`)],
      "case i % 3 when 0 then 'admin' when 1 then 'write' else 'read' end",
    ]),
    rows("repository_permissions", "repository_id, account_id, role", repositories, [
      ...[id("i"), id(`100000 + ${mix("i")} % ${robots.all}`), "'write'"],
    ]),
    rows("repository_team_permissions", "repository_id, team_id, role", repositories, [
      ...[id("i"), id(`case when i < ${largest} then i % ${teams.ofFirst} else ${teams.ofFirst} + i % ${5 * namespaces} end`)],
      "case i % 3 when 0 then 'admin' when 1 then 'write' else 'read' end",
    ]),
    rows("stars", "account_id, repository_id, created_at", Math.min(1000, repositories), [
      ...[id("10000"), id("i"), `${now - 100 * DAY} + i`],
    ]),
    rows("blobs", "digest, size, key, state, created_at, touched_at", repositories * 2, [
      ...[blob("i"), `1000000 + ${mix("i")} % 100000000`, `'blobs/' || i`, "'live'"],
      ...[`${now - 100 * DAY}`, `${now}`],
    ]),
    rows("repository_blobs", "repository_id, digest, touched_at", repositories * 2, [
      ...[id("i / 2"), blob("i"), `${now}`],
    ]),
    ...manifests("i / 10", "i % 10", repositories * 10),
    ...manifests("0", "10 + i", 990),
    ...manifests("1", "10 + i", 90),

    // The repository with many tags.
    rows("tags", tagColumns, scale.tagsOfOne, [
      ...[id("0"), `'v-' || ${pad("i", 6)}`, manifest("0", "i % 1000")],
      ...[`${now - 90 * DAY} + i * 60000`, "null", "'user-0001'", "null", "0"],
      ...[`1000000 + ${mix("i")} % 100000000`, "null", "null"],
    ]),
    // The tag with a long history.
    rows("tags", tagColumns, scale.history, [
      ...[id("1"), "'latest'", manifest("1", "i % 100"), `${now - 90 * DAY} + i * 600000`],
      `case when i = ${scale.history - 1} then null else ${now - 90 * DAY} + (i + 1) * 600000 end`,
      ...["'user-0001'", "null", "0", `1000000 + ${mix("i")} % 100000000`],
      `case when i = ${scale.history - 1} then null else 'user-0002' end`,
      `case when i = ${scale.history - 1} then null else 'moved' end`,
    ]),
    // Thirty tags of each other repository, moved some times.
    rows("tags", tagColumns, rest, (() => {
      const r = `(2 + i / ${perRepository})`;
      const j = `(i % ${perRepository})`;
      const started = `${now - 60 * DAY} + ${j} / 30 * ${DAY} + ${mix("i")} % ${DAY / 2}`;
      const isOld = `${j} + 30 < ${perRepository} and i + 30 < ${rest}`;
      return [
        ...[id(r), `'tag-' || ${pad(`${j} % 30`, 2)}`, manifest(r, `${mix("i")} % 10`), started],
        `case when ${isOld} then ${now - 60 * DAY} + (${j} / 30 + 1) * ${DAY} + ${mix("i + 30")} % ${DAY / 2} end`,
        ...["'user-0003'", `case when ${j} % 30 = 29 and not (${isOld}) then ${now + 30 * DAY} end`],
        ...[`case when ${j} % 30 = 28 then 1 else 0 end`, `1000000 + ${mix("i")} % 100000000`],
        ...[`case when ${isOld} then 'user-0004' end`, `case when ${isOld} then 'moved' end`],
      ];
    })()),
    rows("tag_pulls", "repository_id, name, pulls, last_pulled_at", scale.tagsOfOne, [
      ...[id("0"), `'v-' || ${pad("i", 6)}`, `${mix("i")} % 1000`, `${now} - i`],
    ]),
    rows("tag_pulls", "repository_id, name, pulls, last_pulled_at", (repositories - 2) * 10, [
      ...[id("2 + i / 10"), `'tag-' || ${pad("i % 10", 2)}`, `${mix("i")} % 1000`, `${now} - i`],
    ]),
    rows("pull_days", "repository_id, day, pulls", repositories * 30, [
      ...[id("i / 30"), `${Math.floor(now / DAY) - 30} + i % 30`, `${mix("i")} % 1000`],
    ]),
    ...[
      ["repository_usage", "repository_id", repositories],
      ["namespace_usage", "namespace_id", namespaces],
    ].map(([table, owner, count]) =>
      rows(String(table), `${owner}, bytes, pending_bytes, measured_at`, Number(count), [
        ...[id("i"), `${mix("i")} % 1000000000`, `${mix("i")} % 1000000`, `${now}`],
      ]),
    ),
    rows("prototypes", "id, organization_id, delegate_account_id, role, created_at", 200, [
      ...[`'prototype-' || i`, id("0"), id("10000 + i"), "'read'", `${now - 100 * DAY} + i`],
    ]),
    rows(
      "oauth_applications",
      "organization_id, client_id, secret_hash, sealed, name, description, application_uri, redirect_uri, created_at",
      200,
      [
        ...[id("0"), `'client-' || i`, "''", "''", `'application ' || i`, "''", "''", "''"],
        `${now - 100 * DAY} + i`,
      ],
    ),
    rows("notifications", "uuid, account_id, kind, metadata, created_at", 1000, [
      ...[`'notice-' || i`, id("10000"), "'password_required'", "'{}'", `${now - 100 * DAY} + i`],
    ]),

    rows("audit_log", entryColumns, scale.entries, (() => {
      const random = mix("i");
      const r = `(case when ${random} % 2 = 0 then ${random} / 2 % ${largest} else ${largest} + ${random} / 2 % ${repositories - largest} end)`;
      const share = `(${random} / 64 % 1000)`;
      const who = `(${random} / 16 % 10)`;
      const robot = `('org-' || ${pad(namespaceOf(r), 3)} || '+robot-' || ${pad(`${r} % 7`, 4)})`;
      const user = `('user-' || ${pad(`${random} / 8 % ${users}`, 4)})`;
      return [
        `${now - 30 * DAY} + i * ${Math.floor((30 * DAY) / scale.entries)}`,
        `case when ${share} < 850 then 'pull_repo' when ${share} < 910 then 'push_repo'
          when ${share} < 950 then 'create_tag' when ${share} < 980 then 'move_tag'
          when ${share} < 990 then 'delete_tag' when ${share} < 995 then 'change_repo_permission'
          when ${share} < 998 then 'set_repo_description' else 'change_repo_visibility' end`,
        ...[id(namespaceOf(r)), `'org-' || ${pad(namespaceOf(r), 3)}`, id(r), repositoryOf(r), "null"],
        `case when ${who} = 0 then null when ${who} = 1 then ${user} else ${robot} end`,
        `case when ${who} = 0 then 'anonymous' when ${who} = 1 then 'user' else 'robot' end`,
        ...["'robot token'", "'10.0.0.1'", "'containers/5.29 (github.com/containers/image)'"],
        `'{"tag":"tag-' || ${pad("i % 30", 2)} || '","manifest_digest":"' || ${manifest(r, "0")} || '"}'`,
      ];
    })()),
    // What is hard to find: few of a kind and few of a performer, long ago, in the largest namespace.
    rows("audit_log", entryColumns, 5, [
      ...[`${now - 30 * DAY} + i`, "'org_create_team'", id("0"), "'org-000'", "null", "null", "null"],
      ...["'user-0000'", "'user'", "'session'", "'10.0.0.2'", "null", `'{"team":"team-' || i || '"}'`],
    ]),
    ...DAY_LISTS.map(([namespace, repository, performer]) => ({
      table: "audit_days",
      sql: `insert into audit_days (day, namespace_id, repository_id, performer, kind, entries)
        select at / ${DAY} as day, ${namespace}, ${repository}, ${performer}, kind, count(*)
        from audit_log
        where ${namespace} is not null and ${repository} is not null and ${performer} is not null
        group by 1, 2, 3, 4, 5`,
    })),
  ];

  /** @param r number of the repository. @param m number of the manifest in it */
  function manifests(r: string, m: string, count: number): Statement[] {
    return [
      rows(
        "manifests",
        "repository_id, digest, media_type, artifact_type, size, kind, total_size, created_at, touched_at, platform, config_digest, described_at, content",
        count,
        [
          ...[id(r), manifest(r, m), "'application/vnd.oci.image.manifest.v1+json'"],
          ...["'application/vnd.oci.image.config.v1+json'", `${MANIFEST.length}`, "'image'"],
          ...[`1000000 + ${mix(m)} % 100000000`, `${now - 100 * DAY}`, `${now}`],
          ...["'linux/amd64'", blob("0"), `${now}`, bytes(MANIFEST)],
        ],
      ),
      rows("manifest_blobs", "repository_id, manifest_digest, blob_digest", count, [
        ...[id(r), manifest(r, m), blob(`${r} * 2 + i % 2`)],
      ]),
      rows(
        "manifest_labels",
        "uuid, repository_id, manifest_digest, key, value, media_type, source, created_at",
        count,
        [
          ...[`'label-' || (${r}) || '-' || (${m})`, id(r), manifest(r, m), "'version'", "'1'"],
          ...["'text/plain'", "'manifest'", `${now}`],
        ],
      ),
      rows("manifest_pulls", "repository_id, digest, pulls, last_pulled_at", count, [
        ...[id(r), manifest(r, m), "7", `${now}`],
      ]),
    ];
  }
}

/** Every list that counts an entry (`audit/day-counts.ts`). */
const DAY_LISTS = ["''", "performer"].flatMap((performer) => [
  ["0", "0", performer] as const,
  ["namespace_id", "0", performer] as const,
  ["namespace_id", "repository_id", performer] as const,
]);

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

/** One row for each `i` from 0 on; `values` in the order of `columns`. */
function rows(
  table: string,
  columns: string,
  count: number,
  values: readonly string[],
  end = "",
): Statement {
  return {
    table,
    sql: `insert into ${table} (${columns})
      with recursive numbers (i) as (
        select cast(0 as bigint) union all select i + 1 from numbers where i + 1 < ${count}
      )
      select ${values.join(", ")} from numbers where true ${end}`,
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

function manifest(r: string, m: string): string {
  return `('sha256:${"a".repeat(50)}' || ${pad(`(${r}) * 100000 + (${m})`, 14)})`;
}

function blob(number: string): string {
  return `('sha256:${"b".repeat(50)}' || ${pad(number, 14)})`;
}
