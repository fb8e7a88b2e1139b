import { recordAudit } from "../../../audit/record-audit.ts";
import { RegistryError } from "../../../http/registry-error.ts";
import { addJob } from "../../../jobs/add-job.ts";
import type { Actor } from "../../admin/actor.ts";
import type { Administration } from "../../admin/administration.ts";
import { lockOrganization } from "../../organizations/organization-store.ts";
import { needOrganization } from "../../organizations/need-organization.ts";
import { findTeamSync } from "../../team-store.ts";
import type { TeamRow } from "../../team-store.ts";
import { needTeam } from "../../teams/need-team.ts";
import { LDAP } from "../external-identity.ts";
import type { ExternalServices } from "../external-services.ts";
import { normalDn } from "../ldap/normal-dn.ts";
import { DIRECTORY_SYNC } from "../ldap/directory-sync-job.ts";
import { deleteTeamSync, putTeamSync } from "./team-sync-store.ts";

/** A team of an organization. */
export interface TeamPlace {
  readonly organization: string;
  readonly team: string;
}

/** A group elsewhere: one of the directory, or of an OIDC service. */
export interface WantedGroup {
  /** Whole, or relative to `ldap.baseDn`. */
  readonly group_dn?: string | undefined;
  readonly group_name?: string | undefined;
  /** Of `group_name`; undefined: the only one there is. */
  readonly service?: string | undefined;
}

/**
 * Lets a team have the members of a group. For one of the directory they come at once and with every synchronisation,
 * for one of an OIDC service with each sign-in.
 *
 * @throws {RegistryError} `DENIED`, `NOT_FOUND`; `PARAMETER_INVALID` naming the field; `UNAVAILABLE` when the directory
 *   cannot be asked for the group
 */
export async function enableTeamSync(
  administration: Administration,
  external: ExternalServices,
  actor: Actor,
  { organization: name, team: teamName, ...wanted }: TeamPlace & WantedGroup,
): Promise<TeamRow> {
  const organization = await needOrganization(administration, name);
  await requireSyncRight(administration, actor, organization);
  const { database, now } = administration;
  await needTeam(database.read, organization, teamName);
  const { service, group } = await neededGroup(external, wanted);
  return database.transaction(async (trx) => {
    await lockOrganization(trx, organization.id, database.dialect);
    const team = await needTeam(trx, organization, teamName);
    const known = await findTeamSync(trx, team.id);
    if (known?.service === service && known.group_name === group) return team;
    await putTeamSync(trx, team.id, service, group);
    const metadata = { team: team.name, service, config: configOf(service, group) };
    await recordAudit(
      trx,
      actor,
      { kind: "enable_team_sync", namespace: organization, metadata },
      now(),
    );
    if (service === LDAP) {
      await addJob(trx, { kind: DIRECTORY_SYNC, key: "now", payload: {} });
    }
    return team;
  });
}

/** Lets a team have members of its own again; those it has stay. */
export async function disableTeamSync(
  administration: Administration,
  actor: Actor,
  { organization: name, team: teamName }: TeamPlace,
): Promise<TeamRow> {
  const organization = await needOrganization(administration, name);
  await requireSyncRight(administration, actor, organization);
  const { database, now } = administration;
  return database.transaction(async (trx) => {
    await lockOrganization(trx, organization.id, database.dialect);
    const team = await needTeam(trx, organization, teamName);
    const known = await findTeamSync(trx, team.id);
    if (known === undefined) return team;
    await deleteTeamSync(trx, team.id);
    const { service } = known;
    const metadata = { team: team.name, service, config: configOf(service, known.group_name) };
    await recordAudit(
      trx,
      actor,
      { kind: "disable_team_sync", namespace: organization, metadata },
      now(),
    );
    return team;
  });
}

/** `config` of a synchronisation as Quay tells it. */
function configOf(service: string, group: string): Record<string, string> {
  return service === LDAP ? { group_dn: group } : { group_name: group };
}

/** @throws {RegistryError} `DENIED` unless it is a superuser, or an admin where `accounts.teamSyncByAdmins` is on */
async function requireSyncRight(
  { rights, config }: Administration,
  actor: Actor,
  organization: { readonly id: number; readonly name: string },
): Promise<void> {
  await rights.require(actor, "organization.admin", { organization });
  if (!config.accounts.teamSyncByAdmins) await rights.require(actor, "superuser");
}

async function neededGroup(
  external: ExternalServices,
  wanted: WantedGroup,
): Promise<{ readonly service: string; readonly group: string }> {
  const { group_dn: dn, group_name: name, service } = wanted;
  if ((dn === undefined) === (name === undefined)) {
    throw invalid("group_dn", "give one of group_dn (LDAP) and group_name (OIDC)");
  }
  if (dn !== undefined) return { service: LDAP, group: await neededDn(external, dn) };
  if (name === undefined || name.trim() === "") throw invalid("group_name", "must not be empty");
  return { service: neededService(external, service), group: name };
}

async function neededDn({ directory }: ExternalServices, dn: string): Promise<string> {
  if (directory === undefined) throw invalid("group_dn", "there is no directory: set ldap.url");
  const { baseDn, timeout } = directory.config;
  const isWhole = normalDn(dn).endsWith(`,${normalDn(baseDn)}`);
  const group = isWhole ? dn : `${dn},${baseDn}`;
  const found = await directory.session(
    (connection) => connection.groupAt(group, ["1.1"]),
    AbortSignal.timeout(timeout),
  );
  if (found !== undefined) return group;
  throw invalid("group_dn", `the directory has no group ${group}`);
}

function neededService({ oidc }: ExternalServices, wanted: string | undefined): string {
  const ids = [...oidc.keys()];
  if (ids.length === 0) throw invalid("group_name", "there is no OIDC service with groups");
  const [only, ...others] = ids;
  const id = wanted ?? (others.length === 0 ? only : undefined);
  if (id !== undefined && oidc.has(id)) return id;
  throw invalid("service", `must be one of ${ids.join(", ")}`);
}

function invalid(field: string, reason: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field}: ${reason}`, { detail: { field } });
}
