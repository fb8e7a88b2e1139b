import type { Administration } from "../../admin/administration.ts";
import type { AccountPrincipal } from "../../principal.ts";
import { changeSyncedTeam } from "./change-synced-team.ts";
import { findSyncedTeamsOf, findTeamsOfGroups } from "./team-sync-store.ts";
import type { TeamSync } from "./team-sync-store.ts";

/** Groups in one query: far below what databases bind. */
const AT_ONCE = 500;

/** A team that somebody stays in although they are not in its group any more, and why. */
export interface KeptMember {
  readonly sync: TeamSync;
  readonly reason: string;
}

/**
 * Puts a user into the teams that follow their groups, and takes them out of those that follow others of the same
 * service. Done with each sign-in: between two of them nobody tells the registry of a change.
 *
 * @param groups that the service has told
 */
export async function followGroups(
  administration: Administration,
  user: AccountPrincipal,
  service: string,
  groups: readonly string[],
): Promise<KeptMember[]> {
  const { read } = administration.database;
  const mine = new Set(groups);
  const isIn = new Map<number, TeamSync>();
  for (const sync of await findSyncedTeamsOf(read, service, user.accountId)) {
    isIn.set(sync.teamId, sync);
  }
  const kept: KeptMember[] = [];
  for (const sync of isIn.values()) {
    if (mine.has(sync.group)) continue;
    const change = { add: [], remove: [user.accountId] };
    const reason = await changeSyncedTeam(administration, sync, user, () => change);
    if (reason !== undefined) kept.push({ sync, reason });
  }
  for (let at = 0; at < groups.length; at += AT_ONCE) {
    for (const sync of await findTeamsOfGroups(read, service, groups.slice(at, at + AT_ONCE))) {
      if (isIn.has(sync.teamId)) continue;
      const change = { add: [user.accountId], remove: [] };
      await changeSyncedTeam(administration, sync, user, () => change);
    }
  }
  return kept;
}
