// Long because it is one thing: the SQL that finds what somebody may see.
import { expressionBuilder, sql } from "kysely";
import type { Kysely, Selectable, SelectQueryBuilder } from "kysely";
import type { Tables } from "../database/tables.ts";
import { endOfPrefix } from "./repository-terms.ts";

type Reader = Kysely<Tables>;
type Row = Selectable<Tables["repositories"]>;

/** Parts of a query are no queries of their own. */
const part = expressionBuilder<Tables>();

/** Who looks. */
export interface Viewer {
  /** Sees everything. */
  readonly all: boolean;
  /** Whose repositories, and those given to them; undefined: nobody's. */
  readonly accountId: number | undefined;
  /** A robot sees what is granted in this namespace alone; undefined for everybody else. */
  readonly robotOf: string | undefined;
  /** Of what was granted only these, by full name; undefined: all of it. */
  readonly only: ReadonlySet<string> | undefined;
  /** One more repository, for the holder of its secret. */
  readonly repositoryId: number | undefined;
  /** Public ones as well. */
  readonly public: boolean;
}

/** Which of them, and in which order. */
export interface VisibleQuery {
  readonly limit: number;
  readonly namespace: string | undefined;
  /** Texts of which each must be found (`searchWords`). */
  readonly words: readonly string[];
  /** Only what this account has starred. */
  readonly starredBy: number | undefined;
  readonly order: VisibleOrder;
}

/** By full name, or the last pushed first; after what the page before ended with. */
export type VisibleOrder =
  | { readonly by: "name"; readonly after: string }
  | {
      readonly by: "push";
      readonly before: { readonly pushedAt: number; readonly id: number } | undefined;
    };

export interface ListedRepository {
  readonly id: number;
  readonly name: string;
  readonly visibility: Row["visibility"];
  readonly state: Row["state"];
  readonly description: string;
  readonly namespace_id: number;
  readonly pushed_at: number;
}

/** Names of deleted repositories begin with it: no client can send it, and it comes after all others. */
export const FIRST_OF_DELETED = "~";

/**
 * Repositories that somebody may see. Whoever does not see everything sees what they own, what was given to them or to
 * their teams, what they administrate, and what is public: each of these is a query of its own that ends with the
 * page, so what it costs depends on what they see and not on what there is.
 *
 * Indexes: the unique name, repositories_by_push, repositories_by_namespace_id_and_name,
 * repository_permissions_by_account_id_and_repository_id, team_members_by_account_id,
 * repository_team_permissions_by_team_id_and_repository_id, repositories_public, repositories_public_by_push, primary
 * keys of `repository_terms` and `stars`.
 */
export async function listVisible(
  db: Reader,
  viewer: Viewer,
  query: VisibleQuery,
): Promise<ListedRepository[]> {
  const ways = viewer.all && viewer.only === undefined ? [everything()] : waysOf(viewer);
  const grants = grantsTo(viewer);
  const [first, ...rest] = [
    ...grants.map((way) => bounded(containing(way, query.words), query)),
    ...ways.map((way) => bounded(matched(way, query.words), query)),
  ];
  if (first === undefined) return [];
  const ids = rest.reduce((union, way) => union.union(way), first);
  const found = withMatches(db, query.words)
    .selectFrom(ids.as("found"))
    .innerJoin("repositories as r", "r.id", "found.id")
    .select([
      "r.id",
      "r.name",
      "r.visibility",
      "r.state",
      "r.description",
      "r.namespace_id",
      "r.pushed_at",
    ])
    .limit(query.limit);
  const sorted =
    query.order.by === "name"
      ? found.orderBy("r.name")
      : found.orderBy("r.pushed_at", "desc").orderBy("r.id", "desc");
  return await sorted.execute();
}

/** For what many can be: whatever is found is gathered first. */
function matched(way: Way, words: readonly string[]): Way {
  return words.length === 0 ? way : way.where(sql<boolean>`r.id in (select id from matched)`);
}

/** For what are few: each is looked up, however many others are found. Index: repository_terms_by_repository_id_and_term. */
function containing(way: Way, words: readonly string[]): Way {
  return words.reduce(
    (some, word) =>
      some.where(
        sql<boolean>`exists (select 1 from repository_terms as t where t.repository_id = r.id
          and t.term >= ${word} and t.term < ${endOfPrefix(word)})`,
      ),
    way,
  );
}

/** Found once for all ways: databases do not see that it is the same in each. */
function withMatches(db: Reader, words: readonly string[]): Reader {
  const [first, ...rest] = words.map((word) =>
    part
      .selectFrom("repository_terms as t")
      .select("t.repository_id as id")
      .where("t.term", ">=", word)
      .where("t.term", "<", endOfPrefix(word)),
  );
  if (first === undefined) return db;
  const all = rest.reduce((found, one) => found.intersect(one), first.distinct());
  return db.with(
    (cte) => cte("matched").materialized(),
    () => all,
  ) as unknown as Reader; // a reader that knows one table more
}

type Way = SelectQueryBuilder<Tables & { r: Tables["repositories"] }, "r", { id: number }>;

function everything(): Way {
  return part.selectFrom("repositories as r").select("r.id");
}

function grantsTo(viewer: Viewer): Way[] {
  const { accountId } = viewer;
  if (viewer.all || accountId === undefined) return [];
  return grantsOf(accountId).map((way) => limitedTo(way, viewer));
}

function waysOf(viewer: Viewer): Way[] {
  const ways: Way[] = [];
  const { repositoryId } = viewer;
  if (viewer.all) ways.push(limitedTo(everything(), viewer));
  if (viewer.public) {
    // Literal, as the conditions of the partial indexes are.
    ways.push(everything().where("r.visibility", "=", sql.lit("public")));
  }
  if (repositoryId !== undefined) ways.push(everything().where("r.id", "=", repositoryId));
  return ways;
}

/** What an account owns, what was given to it or to its teams, what its teams administrate. */
function grantsOf(accountId: number): Way[] {
  const given = part
    .selectFrom("repository_permissions as p")
    .innerJoin("repositories as r", "r.id", "p.repository_id")
    .select("r.id")
    .where("p.account_id", "=", accountId);
  const byTeams = part
    .selectFrom("team_members as m")
    .innerJoin("repository_team_permissions as p", "p.team_id", "m.team_id")
    .innerJoin("repositories as r", "r.id", "p.repository_id")
    .select("r.id")
    .where("m.account_id", "=", accountId);
  const administrated = part
    .selectFrom("team_members as m")
    .innerJoin("teams as t", "t.id", "m.team_id")
    .innerJoin("repositories as r", "r.namespace_id", "t.organization_id")
    .select("r.id")
    .where("m.account_id", "=", accountId)
    .where("t.role", "=", "admin");
  return [everything().where("r.namespace_id", "=", accountId), given, byTeams, administrated];
}

function limitedTo(way: Way, { robotOf, only }: Viewer): Way {
  let limited = way;
  if (robotOf !== undefined) limited = inNamespace(limited, robotOf);
  if (only !== undefined) {
    limited =
      only.size === 0
        ? limited.where(sql<boolean>`1 = 0`)
        : limited.where("r.name", "in", [...only]);
  }
  return limited;
}

/** One way with everything that is asked for, not longer than the page. */
function bounded(
  way: Way,
  { limit, namespace, starredBy, order }: VisibleQuery,
): SelectQueryBuilder<Tables, never, { id: number }> {
  let query = way.where("r.deleted_at", "is", null).limit(limit);
  if (namespace !== undefined) query = inNamespace(query, namespace);
  if (starredBy !== undefined) {
    query = query.where("r.id", "in", (eb) =>
      eb.selectFrom("stars as s").select("s.repository_id").where("s.account_id", "=", starredBy),
    );
  }
  if (order.by === "name") {
    query = query
      .where("r.name", ">", order.after)
      .where("r.name", "<", FIRST_OF_DELETED)
      .orderBy("r.name");
  } else {
    const { before } = order;
    if (before !== undefined) {
      query = query.where(sql<boolean>`(r.pushed_at, r.id) < (${before.pushedAt}, ${before.id})`);
    }
    query = query.orderBy("r.pushed_at", "desc").orderBy("r.id", "desc");
  }
  // Some rows of a union can only be had by a query around them.
  return part.selectFrom(query.as("way")).select("way.id");
}

function inNamespace(way: Way, namespace: string): Way {
  // `0` is the character after `/`.
  return way.where("r.name", ">", `${namespace}/`).where("r.name", "<", `${namespace}0`);
}
