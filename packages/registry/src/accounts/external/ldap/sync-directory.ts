import { REGISTRY } from "../../../audit/record-audit.ts";
import type { Logger } from "../../../log.ts";
import type { Administration } from "../../admin/administration.ts";
import { LDAP } from "../external-identity.ts";
import { changeSyncedTeam } from "../teams/change-synced-team.ts";
import { listTeamSyncs, setSyncErrors, setSyncResult } from "../teams/team-sync-store.ts";
import type { TeamSync } from "../teams/team-sync-store.ts";
import type { Directory } from "./directory.ts";
import type { DirectoryConnection } from "./directory-connection.ts";
import { disableMissing } from "./disable-missing.ts";
import { groupMembers, GroupUnreadable } from "./group-members.ts";
import { KnownUsers } from "./known-users.ts";

type Log = Pick<Logger, "warn">;

/**
 * Brings users and teams up to the directory. A team whose group cannot be read keeps its members, and tells why; when
 * the directory cannot be asked, all do.
 *
 * @throws {RegistryError} `UNAVAILABLE` when the directory cannot be asked
 */
export async function syncDirectory(
  administration: Administration,
  directory: Directory,
  log: Log | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    await directory.session(
      (connection) => syncBy(administration, directory, connection, { log, signal }),
      signal,
    );
  } catch (error) {
    if (signal.aborted) throw error; // the registry stops
    const reason = error instanceof Error ? error.message : String(error);
    await administration.database.transaction((trx) => setSyncErrors(trx, LDAP, reason));
    throw error;
  }
}

async function syncBy(
  administration: Administration,
  directory: Directory,
  connection: DirectoryConnection,
  { log, signal }: { readonly log: Log | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const { database } = administration;
  const users = await KnownUsers.read(database, connection, signal);
  const complaint = await disableMissing(administration, connection, users, log);
  if (complaint !== undefined) log?.warn(complaint);
  for (const sync of await listTeamSyncs(database.read, LDAP)) {
    signal.throwIfAborted();
    const failure =
      complaint ?? (await syncTeam(administration, directory, connection, users, sync));
    if (failure === undefined) continue;
    if (complaint !== undefined) await note(administration, sync, failure);
    log?.warn("a team was not brought up to its group", {
      organization: sync.organization,
      team: sync.team,
      group: sync.group,
      reason: failure,
    });
  }
}

/** @returns what kept it from being brought up to its group as a whole */
async function syncTeam(
  administration: Administration,
  { config }: Directory,
  connection: DirectoryConnection,
  users: KnownUsers,
  sync: TeamSync,
): Promise<string | undefined> {
  try {
    const wanted = await groupMembers(administration, connection, users, sync.group, config);
    return await changeSyncedTeam(administration, sync, REGISTRY, (people) => ({
      add: [...wanted.difference(people)],
      remove: [...people].filter((id) => !wanted.has(id)),
    }));
  } catch (error) {
    if (!(error instanceof GroupUnreadable)) throw error;
    await note(administration, sync, error.message);
    return error.message;
  }
}

async function note(
  { database }: Administration,
  { teamId }: TeamSync,
  reason: string,
): Promise<void> {
  await database.transaction((trx) => setSyncResult(trx, teamId, { last_error: reason }));
}
