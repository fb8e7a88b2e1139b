import type { Transaction } from "kysely";
import { recordAudit, REGISTRY } from "../../../audit/record-audit.ts";
import type { Tables } from "../../../database/tables.ts";
import type { Actor } from "../../admin/actor.ts";
import type { Administration } from "../../admin/administration.ts";
import { hasAdministrator, lockOrganization } from "../../organizations/organization-store.ts";
import { findTeamSync } from "../../team-store.ts";
import {
  deleteMembers,
  findPeople,
  insertMembers,
  listPeopleIn,
  setSyncResult,
} from "./team-sync-store.ts";
import type { TeamSync } from "./team-sync-store.ts";

/** People in one statement: far below what databases bind. */
const AT_ONCE = 500;

/** Ids of people who come and go. */
export interface MemberChange {
  readonly add: readonly number[];
  readonly remove: readonly number[];
}

/**
 * Brings the people of a team up to its group; robots stay. Whoever would leave the organization without anybody who
 * administrates it stays as well, and the team's `last_error` says so.
 *
 * @param actor who signs in; the registry itself when it looks at all groups
 * @param changeOf from the people who are in the team now; called again when the transaction runs again
 * @returns what keeps members from leaving; undefined: all is done, or the team follows another group by now
 */
export async function changeSyncedTeam(
  administration: Administration,
  sync: TeamSync,
  actor: Actor | typeof REGISTRY,
  changeOf: (people: ReadonlySet<number>) => MemberChange,
): Promise<string | undefined> {
  const { database, now } = administration;
  return database.transaction(async (trx) => {
    const organization = await lockOrganization(trx, sync.organizationId, database.dialect);
    const current = await findTeamSync(trx, sync.teamId);
    const isSame = current?.service === sync.service && current.group_name === sync.group;
    if (organization === undefined || !isSame) return undefined;
    const { add, remove } = changeOf(new Set(await listPeopleIn(trx, sync.teamId)));
    const added = await addPeople(trx, sync, add);
    const complaint = await removePeople(trx, sync, remove);
    const removed = complaint === undefined ? await namesOf(trx, remove) : [];
    for (const [kind, names] of [
      ["org_add_team_member", added],
      ["org_remove_team_member", removed],
    ] as const) {
      for (const member of names) {
        const metadata = { team: sync.team, member, service: sync.service, group: sync.group };
        await recordAudit(trx, actor, { kind, namespace: organization, metadata }, now());
      }
    }
    await setSyncResult(trx, sync.teamId, { synced_at: now(), last_error: complaint ?? null });
    return complaint;
  });
}

/** @returns names of those who are there */
async function addPeople(
  trx: Transaction<Tables>,
  { teamId }: TeamSync,
  ids: readonly number[],
): Promise<string[]> {
  const names: string[] = [];
  for (const some of chunks(ids)) {
    const people = await findPeople(trx, some);
    await insertMembers(
      trx,
      teamId,
      people.map(({ id }) => id),
    );
    names.push(...people.map(({ name }) => name));
  }
  return names;
}

/** @returns why they stay, all of them */
async function removePeople(
  trx: Transaction<Tables>,
  { teamId, role, organizationId, organization }: TeamSync,
  ids: readonly number[],
): Promise<string | undefined> {
  const hadAdmin = role === "admin" && (await hasAdministrator(trx, organizationId));
  for (const some of chunks(ids)) await deleteMembers(trx, teamId, some);
  if (!hadAdmin || (await hasAdministrator(trx, organizationId))) return undefined;
  for (const some of chunks(ids)) await insertMembers(trx, teamId, some);
  const names = await namesOf(trx, ids.slice(0, 10));
  return `nobody would administrate ${organization}: ${names.join(", ")} stay${names.length === 1 ? "s" : ""} although the group does not have them`;
}

async function namesOf(trx: Transaction<Tables>, ids: readonly number[]): Promise<string[]> {
  const names: string[] = [];
  for (const some of chunks(ids)) {
    names.push(...(await findPeople(trx, some)).map(({ name }) => name));
  }
  return names;
}

function* chunks(ids: readonly number[]): Generator<readonly number[]> {
  for (let at = 0; at < ids.length; at += AT_ONCE) yield ids.slice(at, at + AT_ONCE);
}
