import assert from "node:assert/strict";
import { test } from "node:test";
import { CompiledQuery, sql } from "kysely";
import { OPERATOR } from "../accounts/admin/actor.ts";
import { createOauthToken } from "../accounts/admin/access-secrets.ts";
import type { Database } from "../database/database.ts";
import { ApiClient } from "../testing/api-client.ts";
import { fillDatabase } from "../testing/many-rows/fill-database.ts";
import { LIST_REQUESTS, MEMBER } from "../testing/many-rows/list-requests.ts";
import type { ListRequest } from "../testing/many-rows/list-requests.ts";
import { SMALL } from "../testing/many-rows/scale.ts";
import { basic, everyRegistry } from "../testing/test-registry.ts";
import { ENDPOINTS } from "./routes/discovery.ts";

/** Rows that one statement of a list may look at: some for each entry of the longest page, and not a table. */
const MOST_ROWS = 900;

/** Lists whose pages need more than that, within bounds of their own. */
const LARGER: readonly { readonly list: RegExp; readonly rows: number }[] = [
  // A word that every repository has: what is found is gathered before it is sorted.
  { list: /[?&]q=service|query=service|find\/all\?query=repo$/, rows: 4_400 },
  // Ninety days of pulls for each repository of the page.
  { list: /popularity=true/, rows: 3_100 },
  // A part of a name has no index: the tags of one repository are walked until the page is full.
  { list: /filter_tag_name=like/, rows: 4_100 },
  // Without a limit, up to a thousand permissions, as Quay's clients expect them.
  { list: /permissions\/user$/, rows: 1_100 },
  // People who were given something in an organization and are not in it: its permissions are gone through.
  { list: /collaborators$/, rows: 3_300 },
  // How many repositories each team has, and which each robot has.
  { list: /organization\/org-000(?:\/robots\?.*)?$/, rows: 1_100 },
  // The tokens of one user, or of one application, are grouped or sorted.
  { list: /authorizations$|applications\/client-0\/tokens$/, rows: 1_100 },
];

test("every list of the API is among the requests whose plans are read", () => {
  const known = new Set(LIST_REQUESTS.map(({ id }) => id));
  const missing = ENDPOINTS.filter(
    ({ method, query, id }) =>
      method === "GET" && query !== undefined && "next_page" in query.shape && !known.has(id),
  );
  assert.deepEqual(
    missing.map(({ id }) => id).filter((id) => !(id in OTHER)),
    [],
  );
});

/** Lists that say elsewhere why they are bounded. */
const OTHER: Readonly<Record<string, string>> = {
  compareManifests: "compares files, not rows",
  listManifestFiles: "reads layer indexes, not rows",
  getUserRobotPermissions: "the same as getOrgRobotPermissions",
};

everyRegistry((start, dialect) => {
  test(
    "no list reads a table, or more rows than its page needs",
    { timeout: 120_000 },
    async () => {
      let queries: CompiledQuery[] | undefined;
      await using registry = await start({
        onQuery: (query) => void queries?.push(query),
        config: { api: { requestsPerMinute: 1_000_000 } },
      });
      await registry.settled();
      await fillDatabase(registry.config.database, SMALL, Date.now());
      const { secret } = await createOauthToken(registry.administration, OPERATOR, MEMBER, {
        title: "plans",
      });
      const clients: Readonly<Record<ListRequest["by"], ApiClient>> = {
        superuser: new ApiClient(registry.admin),
        member: new ApiClient(registry.client(basic("$oauthtoken", secret))),
        anybody: new ApiClient(registry.client()),
      };
      const wrong: string[] = [];
      const seen = new Set<string>();
      for (const { path, by } of LIST_REQUESTS) {
        await clients[by].get(path); // who asks is known from now on
        queries = [];
        const first = await clients[by].get(path);
        if (first.status !== 200) wrong.push(`${by} ${path}: ${first.outcome}`);
        const next: unknown = first.json?.next_page;
        if (typeof next === "string") {
          const separator = path.includes("?") ? "&" : "?";
          const second = await clients[by].get(`${path}${separator}next_page=${next}`);
          if (second.status !== 200) wrong.push(`${by} ${path}, page 2: ${second.outcome}`);
        }
        const ran = queries;
        queries = undefined;
        for (const query of ran) {
          const key = `${by} ${path} ${query.sql}`;
          if (seen.has(key) || !/^\s*(?:select|with)/i.test(query.sql)) continue;
          seen.add(key);
          for (const fault of await faultsOf(registry.database, dialect, query, mostRows(path))) {
            wrong.push(`${by} ${path}: ${fault}\n${query.sql}`);
          }
        }
      }
      assert.deepEqual(wrong, []);
    },
  );
});

function mostRows(path: string): number {
  return LARGER.find(({ list }) => list.test(path))?.rows ?? MOST_ROWS;
}

async function faultsOf(
  database: Database,
  dialect: Database["dialect"],
  query: CompiledQuery,
  most: number,
): Promise<string[]> {
  return dialect === "sqlite"
    ? await sqliteFaults(database, query)
    : await postgresFaults(database, query, most);
}

/**
 * Statements have no figures of what they did, so it is what the plan says: no table is read from end to end, and no
 * index unless that stops at a limit; what is sorted was found by an index.
 */
async function sqliteFaults({ read }: Database, query: CompiledQuery): Promise<string[]> {
  const { rows } = await read.executeQuery<{ parent: number; detail: string }>(
    CompiledQuery.raw(`explain query plan ${query.sql}`, [...query.parameters]),
  );
  const isLimited = /\blimit\b/i.test(query.sql);
  const sorted = new Set(
    rows.filter(({ detail }) => detail.startsWith("USE TEMP B-TREE")).map(({ parent }) => parent),
  );
  return rows
    .filter(({ parent, detail }) => {
      if (!detail.startsWith("SCAN ")) return false;
      const isOfIndex = / USING (?:COVERING )?INDEX /.test(detail);
      if (isOfIndex) return !isLimited || sorted.has(parent);
      return isTable(detail.slice("SCAN ".length), query.sql);
    })
    .map(({ detail }) => detail);
}

const TABLES = new Set([
  "accounts",
  "credentials",
  "teams",
  "team_members",
  "repositories",
  "repository_permissions",
  "repository_team_permissions",
  "repository_terms",
  "stars",
  "blobs",
  "repository_blobs",
  "manifests",
  "manifest_blobs",
  "manifest_labels",
  "tags",
  "tag_pulls",
  "manifest_pulls",
  "pull_days",
  "audit_log",
  "audit_days",
  "notifications",
]);

/** Whether a table, or what stands for one in the statement, is meant. */
function isTable(name: string, statement: string): boolean {
  const [alias = ""] = name.split(" ");
  const table = new RegExp(`"?(\\w+)"? as "?${alias}"?\\b`).exec(statement)?.[1] ?? alias;
  return TABLES.has(table);
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly "Rows Removed by Join Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** PostgreSQL tells what it did: all rows that were looked at in tables, with those that a filter has thrown away. */
async function postgresFaults(
  database: Database,
  query: CompiledQuery,
  most: number,
): Promise<string[]> {
  const [plan] = await database.transaction(async (trx) => {
    // Tables as small as these would be read whole because that is quicker.
    for (const way of ["seqscan", "hashjoin", "mergejoin"]) {
      await sql`set local ${sql.raw(`enable_${way}`)} = off`.execute(trx);
    }
    const { rows } = await trx.executeQuery<{ "QUERY PLAN": readonly { Plan: PlanNode }[] }>(
      CompiledQuery.raw(`explain (analyze, format json) ${query.sql}`, [...query.parameters]),
    );
    return rows[0]?.["QUERY PLAN"] ?? [];
  });
  if (plan === undefined) return ["there is no plan"];
  const faults: string[] = [];
  const visit = (node: PlanNode): void => {
    const removed =
      (node["Rows Removed by Filter"] ?? 0) +
      (node["Rows Removed by Index Recheck"] ?? 0) +
      (node["Rows Removed by Join Filter"] ?? 0);
    const looked = (node["Actual Rows"] + removed) * node["Actual Loops"];
    const relation = node["Relation Name"] ?? "";
    if (node["Node Type"] === "Seq Scan" && TABLES.has(relation)) {
      faults.push(`reads all of ${relation}`);
    } else if (looked > most) {
      faults.push(`${node["Node Type"]} ${relation} looks at ${Math.round(looked)} rows`);
    }
    node.Plans?.forEach(visit);
  };
  visit(plan.Plan);
  return faults;
}
