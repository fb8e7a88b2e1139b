import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { includes } from "../accounts/role.ts";
import { repositoryReports } from "../quotas/quota-report.ts";
import type { QuotaReport } from "../quotas/quota-report.ts";
import { pullDays } from "../usage/pull-days.ts";
import type { PullDay } from "../usage/pull-days.ts";
import { findFacts, listFirstTags } from "./repository-facts-store.ts";
import type { RepositoryFacts, TagFacts } from "./repository-facts-store.ts";
import type { Repository } from "./repository.ts";
import { isStarred } from "./stars/star-store.ts";
import { findTagWindow } from "./tag-store.ts";

/** Tags that come with a repository; the list of tags has them all. */
const MOST_TAGS = 500;

/** Days of statistics: three months, as in Quay. */
const DAYS = 92;

/** A repository with everything that its page shows. Times in milliseconds since 1970. */
export interface DescribedRepository extends RepositoryFacts {
  readonly repository: Repository;
  readonly isStarred: boolean;
  readonly canWrite: boolean;
  readonly canAdmin: boolean;
  /** How long tags can be taken back, in milliseconds. */
  readonly window: number;
  /** The first ones by name; undefined: not asked for. */
  readonly tags: readonly TagFacts[] | undefined;
  /** Pulls of the last three months, the oldest day first; undefined: not asked for. */
  readonly days: readonly PullDay[] | undefined;
  readonly report: QuotaReport;
}

/** @throws {RegistryError} `NAME_UNKNOWN`, `UNAUTHORIZED` */
export async function describeRepository(
  { database: { read }, rights, permissions, config, now }: Administration,
  actor: Actor,
  repository: Repository,
  wanted: { readonly tags: boolean; readonly stats: boolean },
): Promise<DescribedRepository> {
  await rights.require(actor, "repository.read", { repository });
  const role = actor.kind === "operator" ? "admin" : await permissions.roleOn(actor, repository);
  const { id, namespaceId } = repository;
  const facts = await findFacts(read, id);
  const [report] = (await repositoryReports(read, [repository], config)).values();
  if (report === undefined) throw new Error("one repository has one report");
  return {
    ...facts,
    repository,
    isStarred: actor.kind === "account" && (await isStarred(read, actor.accountId, id)),
    canWrite: includes(role, "write") && repository.state === "normal",
    canAdmin: includes(role, "admin"),
    window: await findTagWindow(read, namespaceId, config.collection.tagExpiration),
    tags: wanted.tags ? await listFirstTags(read, id, now(), MOST_TAGS) : undefined,
    days: wanted.stats ? await pullDays(read, id, DAYS, now()) : undefined,
    report,
  };
}
