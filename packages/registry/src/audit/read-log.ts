import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { findDayCounts, findEntries } from "./audit-store.ts";
import type { EntryQuery, EntryRow } from "./audit-store.ts";
import { dayOf } from "./day-counts.ts";
import type { DayCount } from "./day-counts.ts";
import type { LogFilter } from "./log-filter.ts";
import { entryScope, requireLog } from "./log-scope.ts";
import type { LogScope } from "./log-scope.ts";

/** Days that totals are kept. */
export const DAYS_KEPT = 400;

export type LogPage = Pick<EntryQuery, "after" | "limit" | "order">;

/** One page of a log. @throws {RegistryError} as {@link requireLog} */
export async function readLog(
  administration: Administration,
  actor: Actor,
  scope: LogScope,
  filter: LogFilter,
  page: LogPage,
): Promise<EntryRow[]> {
  await requireLog(administration, actor, scope);
  return await findEntries(administration.database.read, {
    scope: entryScope(scope),
    ...filter,
    ...page,
  });
}

/** How many entries of each kind a log has of each day; whole days. @throws {RegistryError} as {@link requireLog} */
export async function countLog(
  administration: Administration,
  actor: Actor,
  scope: LogScope,
  { from, to, performer = "", kinds }: LogFilter,
): Promise<Pick<DayCount, "day" | "kind" | "entries">[]> {
  await requireLog(administration, actor, scope);
  const last = dayOf(Math.min(to - 1, administration.now()));
  const first = Math.max(dayOf(from), last - DAYS_KEPT);
  const days = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  return await findDayCounts(administration.database.read, {
    ...placeOf(scope),
    performer,
    kinds,
    days,
  });
}

function placeOf(scope: LogScope): { readonly namespaceId: number; readonly repositoryId: number } {
  if (scope.kind === "registry") return { namespaceId: 0, repositoryId: 0 };
  if (scope.kind !== "repository") return { namespaceId: scope.namespace.id, repositoryId: 0 };
  const { id, namespaceId } = scope.repository;
  return { namespaceId, repositoryId: id };
}
