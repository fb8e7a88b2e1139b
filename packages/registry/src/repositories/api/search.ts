// Long because it is one thing: what was found, in Quay's shape.
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { avatarOf } from "../../accounts/avatar.ts";
import { namespaceOfRobot } from "../../accounts/account-name.ts";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, encodeCursor } from "../../api/cursor.ts";
import type { RegistryContext } from "../../context.ts";
import { repositoryReports } from "../../quotas/quota-report.ts";
import { findPopularity } from "../repository-facts-store.ts";
import { namespaceOf } from "../repository-name.ts";
import { searchWords } from "../repository-terms.ts";
import { findKinds } from "../search/entity-search-store.ts";
import { scoreOf } from "../search/score.ts";
import { searchEverything } from "../search/search-everything.ts";
import { searchVisible } from "../search/search-repositories.ts";
import type { FoundRepository } from "../search/search-repositories.ts";
import { countStars } from "../stars/star-store.ts";
import { secondsOf } from "./listed-repository.ts";

/** Entries of a page, as in Quay. */
const PAGE = 10;

/** Quay's weights of what was found: repositories come before teams, and these before accounts. */
const WEIGHT = { repository: 4, team: 2, account: 1 } as const;

const cursor = z.object({ from: z.int().min(0).max(1_000_000) });

export const searchRoutes: readonly ApiRoute[] = [
  serve(endpoints.conductRepoSearch, async ({ actor, query, context }) => {
    const { limit = PAGE, page = 1 } = query;
    const { administration } = context.accounts;
    const start = decodeCursor(query.next_page, cursor)?.from ?? (page - 1) * limit;
    const found = await searchVisible(administration, actor, query.query ?? "");
    const shown = found.slice(start, start + limit);
    const isMore = found.length > start + limit;
    return {
      results: await viewFound(context, shown, query.includeUsage ?? false),
      has_additional: isMore,
      page: Math.floor(start / limit) + 1,
      page_size: limit,
      start_index: start,
      ...(isMore ? { next_page: encodeCursor({ from: start + limit }) } : {}),
    };
  }),

  serve(endpoints.conductSearch, async ({ actor, query, context }) => {
    const text = query.query ?? "";
    const words = searchWords(text);
    const found = await searchEverything(context.accounts.administration, actor, text);
    const kinds = await kindsOf(context, found.repositories);
    const own = actor.kind === "account" ? actor.name : undefined;
    const results = [
      ...found.repositories.map((repository) => viewRepository(repository, kinds)),
      ...found.teams.map(({ name, organization }) => ({
        kind: "team" as const,
        name,
        organization: viewNamespace(organization, "organization", WEIGHT.account),
        avatar: avatarOf(name, "team"),
        score: WEIGHT.team * scoreOf(name, words),
        href: `/organization/${organization}/teams/${name}`,
      })),
      ...found.robots.map((name) => viewRobot(name, own, words)),
      ...found.organizations.map((name) =>
        viewNamespace(name, "organization", WEIGHT.account * scoreOf(name, words)),
      ),
      ...found.users.map((name) =>
        viewNamespace(name, "user", WEIGHT.account * scoreOf(name, words)),
      ),
    ];
    return { results: results.toSorted((one, other) => other.score - one.score) };
  }),
];

type Kind = "user" | "organization";

async function kindsOf(
  { database }: Pick<RegistryContext, "database">,
  repositories: readonly FoundRepository[],
): Promise<ReadonlyMap<string, Kind | "robot">> {
  const names = new Set(repositories.map(({ name }) => namespaceOf(name)));
  return await findKinds(database.read, [...names]);
}

async function viewFound(
  context: RegistryContext,
  repositories: readonly FoundRepository[],
  isWithUsage: boolean,
) {
  const { database, config, now } = context;
  const { read } = database;
  const ids = repositories.map(({ id }) => id);
  const kinds = await kindsOf(context, repositories);
  const stars = await countStars(read, ids);
  const popularity = await findPopularity(read, ids, now());
  const places = repositories.map(({ id, namespace_id: namespaceId }) => ({ id, namespaceId }));
  const reports = isWithUsage ? await repositoryReports(read, places, config) : undefined;
  return repositories.map((repository) => {
    const report = reports?.get(repository.id);
    return {
      ...viewRepository(repository, kinds),
      last_modified: secondsOf(repository.pushed_at),
      stars: stars.get(repository.id) ?? 0,
      popularity: popularity.get(repository.id) ?? 0,
      ...(report === undefined ? {} : { quota_report: report }),
    };
  });
}

function viewRepository(
  { name, description, visibility, score }: FoundRepository,
  kinds: ReadonlyMap<string, Kind | "robot">,
) {
  const namespace = namespaceOf(name);
  const kind = kinds.get(namespace) === "organization" ? "organization" : "user";
  return {
    kind: "repository" as const,
    title: "repo" as const,
    namespace: viewNamespace(namespace, kind, WEIGHT.account),
    name: name.slice(namespace.length + 1),
    description,
    is_public: visibility === "public",
    score: WEIGHT.repository * score,
    href: `/repository/${name}`,
  };
}

function viewNamespace(name: string, kind: Kind, score: number) {
  return {
    kind,
    title: kind === "organization" ? ("org" as const) : ("user" as const),
    name,
    avatar: avatarOf(name, kind === "organization" ? "org" : "user"),
    score,
    href: `/${kind}/${name}`,
  };
}

function viewRobot(name: string, own: string | undefined, words: readonly string[]) {
  const namespace = namespaceOfRobot(name) ?? name;
  const place = namespace === own ? `/user/${own}` : `/organization/${namespace}`;
  const short = name.slice(namespace.length + 1);
  return {
    kind: "robot" as const,
    title: "robot" as const,
    name,
    short_name: short,
    avatar: null,
    score: WEIGHT.account * scoreOf(short, words),
    href: `${place}?tab=robots&showRobot=${encodeURIComponent(name)}`,
  };
}
