import type { RegistryContext } from "../../context.ts";
import type { Principal } from "../../accounts/principal.ts";
import { repositoryReports } from "../../quotas/quota-report.ts";
import type { ListedRepository } from "../list-repositories.ts";
import { findPopularity } from "../repository-facts-store.ts";
import { namespaceOf } from "../repository-name.ts";
import { stateName } from "../repository-settings.ts";
import { findStarred } from "../stars/star-store.ts";

/** Entries of a list as the API shows them, with one query for each thing that is asked for. */
export async function viewListed(
  { database: { read }, config, now }: Pick<RegistryContext, "database" | "config" | "now">,
  actor: Principal,
  repositories: readonly ListedRepository[],
  wanted: { readonly lastModified: boolean; readonly popularity: boolean },
) {
  const ids = repositories.map(({ id }) => id);
  const starred =
    actor.kind === "account" ? await findStarred(read, actor.accountId, ids) : undefined;
  const popularity = wanted.popularity ? await findPopularity(read, ids, now()) : undefined;
  const places = repositories.map(({ id, namespace_id: namespaceId }) => ({ id, namespaceId }));
  const reports = await repositoryReports(read, places, config);
  return repositories.map((repository) => {
    const { id, name, description, visibility, state, pushed_at: pushedAt } = repository;
    const namespace = namespaceOf(name);
    const report = reports.get(id);
    return {
      namespace,
      name: name.slice(namespace.length + 1),
      description,
      is_public: visibility === "public",
      kind: "image" as const,
      state: stateName(state),
      ...(wanted.lastModified ? { last_modified: secondsOf(pushedAt) } : {}),
      ...(popularity === undefined ? {} : { popularity: popularity.get(id) ?? 0 }),
      ...(starred === undefined ? {} : { is_starred: starred.has(id) }),
      ...(report === undefined ? {} : { quota_report: report }),
    };
  });
}

/** Whole seconds since 1970; null: never. @param time milliseconds since 1970, 0: never */
export function secondsOf(time: number): number | null {
  return time === 0 ? null : Math.floor(time / 1000);
}
