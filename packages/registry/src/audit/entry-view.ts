import { avatarOf } from "../accounts/avatar.ts";
import { mailDate } from "../api/mail-date.ts";
import type { EntryRow } from "./audit-store.ts";

/** An entry as the API shows it: Quay's fields, and ours beside them. */
export function entryView(row: EntryRow) {
  const metadata = JSON.parse(row.metadata) as Record<string, unknown>; // entry-row.ts has written an object
  return {
    id: String(row.id),
    kind: row.kind,
    metadata: { ...placeOf(row), ...metadata },
    ip: row.address,
    datetime: mailDate(row.at),
    time: new Date(row.at).toISOString(),
    ...performerOf(row),
    via: row.via,
    user_agent: row.user_agent,
    repository: row.repository,
  };
}

/** What Quay has in the metadata of most kinds. */
function placeOf({ namespace, repository }: EntryRow): Record<string, unknown> {
  if (namespace === null) return {};
  if (repository === null) return { namespace };
  return { namespace, repo: repository.slice(namespace.length + 1) };
}

/** Nobody is named for those without a login, as in Quay. */
function performerOf({ performer, performer_kind: kind }: EntryRow) {
  if (kind === "anonymous") return {};
  const isRobot = kind === "robot";
  const name = performer ?? kind;
  return {
    performer: {
      kind: kind === "robot" ? ("user" as const) : kind,
      name,
      is_robot: isRobot,
      avatar: avatarOf(name, isRobot ? "robot" : "user"),
    },
  };
}
