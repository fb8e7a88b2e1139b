import type { Selectable } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { AuditedDeed } from "./audited-deed.ts";

export type DayCount = Selectable<Tables["audit_days"]>;

const DAY = 86_400_000;

/** The day of a time, as days since 1970-01-01 UTC. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY);
}

/** The beginning of a day, in milliseconds since 1970. */
export function startOfDay(day: number): number {
  return day * DAY;
}

/** What some entries add to the totals of every list that shows them, each row once. */
export function dayCounts(deeds: readonly AuditedDeed[]): DayCount[] {
  const rows = new Map<string, DayCount>();
  for (const deed of deeds) {
    const day = dayOf(deed.at);
    for (const [namespaceId, repositoryId] of listsOf(deed)) {
      for (const performer of deed.performer === null ? [""] : ["", deed.performer]) {
        const key = `${day} ${namespaceId} ${repositoryId} ${performer} ${deed.kind}`;
        const row = rows.get(key) ?? {
          day,
          namespace_id: namespaceId,
          repository_id: repositoryId,
          performer,
          kind: deed.kind,
          entries: 0,
        };
        row.entries += timesOf(deed);
        rows.set(key, row);
      }
    }
  }
  // In the same order everywhere: two that count at the same time wait for each other in turn, never crosswise.
  return [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

function listsOf({ namespaceId, repositoryId }: AuditedDeed): (readonly [number, number])[] {
  if (namespaceId === null) return [[0, 0]];
  const both = [
    [0, 0],
    [namespaceId, 0],
  ] as const;
  return repositoryId === null ? [...both] : [...both, [namespaceId, repositoryId]];
}

/** Equal pulls are one entry with their number. */
function timesOf({ kind, metadata }: AuditedDeed): number {
  const { pulls } = metadata;
  const isPull = kind === "pull_repo" || kind === "repo_verb";
  return isPull && typeof pulls === "number" ? pulls : 1;
}
