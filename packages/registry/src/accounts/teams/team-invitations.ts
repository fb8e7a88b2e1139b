// Long because it is one thing: an invitation to a team from when it is sent to when it is answered.
import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { checkEmail } from "../users/email-rule.ts";
import { changeTeams } from "../organizations/change-teams.ts";
import { needOrganization } from "../organizations/need-organization.ts";
import type { AccountPrincipal } from "../principal.ts";
import { hashSecret } from "../secret.ts";
import { findTeamSync, insertTeamMember } from "../team-store.ts";
import { inviteAddress, withdrawInvitation, withdrawInvitationNotice } from "./invite.ts";
import {
  findInvitationByHash,
  findInvitationsOf,
  listInvitations,
  removeInvitation,
} from "./invitation-store.ts";
import type { InvitationRow } from "./invitation-store.ts";
import { needTeam } from "./need-team.ts";
import { refuseSynced } from "./team-members.ts";

/** A team, and the address that is invited to it. */
export interface AddressInvitation {
  readonly organization: string;
  readonly team: string;
  readonly email: string;
}

/** Who is invited to a team and has not answered: names of users, or addresses. */
export async function listTeamInvitations(
  administration: Administration,
  actor: Actor,
  where: { readonly organization: string; readonly team: string },
): Promise<{ account: string | null; email: string | null }[]> {
  const { database, rights, now } = administration;
  const organization = await needOrganization(administration, where.organization);
  await rights.require(actor, "organization.admin", { organization });
  const team = await needTeam(database.read, organization, where.team);
  return listInvitations(database.read, team.id, now());
}

/**
 * Invites whoever reads mail at an address; once more sends another mail, and only its code is good then.
 *
 * @returns the address as it is kept: in lower case
 * @throws {RegistryError} `DENIED`; `NOT_FOUND`; `PARAMETER_INVALID`; `CONFLICT` where no mail is sent, and for a team
 *   whose members are those of a group elsewhere
 */
export async function inviteByMail(
  administration: Administration,
  actor: Actor,
  invitation: AddressInvitation,
): Promise<string> {
  const organization = await needOrganization(administration, invitation.organization);
  await administration.rights.require(actor, "organization.admin", { organization });
  const email = checkedAddress(invitation.email);
  if (administration.config.mail === undefined) {
    throw new RegistryError(
      "CONFLICT",
      "this registry sends no mail: invite users by their names, or have `mail.url` configured",
      { status: 400, detail: { field: "email" } },
    );
  }
  await changeTeams(administration, organization, async (trx) => {
    const team = await needTeam(trx, organization, invitation.team);
    await refuseSynced(trx, team, false);
    await inviteAddress(administration, trx, actor, { organization, team, email });
  });
  return email;
}

/** @throws {RegistryError} `DENIED`; `NOT_FOUND` for an address that is not invited */
export async function withdrawMailInvitation(
  administration: Administration,
  actor: Actor,
  invitation: AddressInvitation,
): Promise<void> {
  const organization = await needOrganization(administration, invitation.organization);
  await administration.rights.require(actor, "organization.admin", { organization });
  const email = checkedAddress(invitation.email);
  await changeTeams(administration, organization, async (trx) => {
    const team = await needTeam(trx, organization, invitation.team);
    if (!(await withdrawInvitation(trx, team, { email }))) {
      throw new RegistryError("NOT_FOUND", `${email} is not invited to the team ${team.name}`, {
        detail: { field: "email" },
      });
    }
    const metadata = { email, member: email, team: team.name };
    const kind = "org_delete_team_member_invite";
    const deed = { kind, namespace: organization, metadata } as const;
    await recordAudit(trx, actor, deed, administration.now());
  });
}

/**
 * The invitation that a code of a mail or notice stands for.
 *
 * @param accountId who wants to accept it; undefined: somebody who has no account yet
 * @returns undefined when it is none, has expired, or is for somebody else
 */
export async function findInvitation(
  { database, now }: Administration,
  code: string,
  accountId: number | undefined,
): Promise<InvitationRow | undefined> {
  const found = await findInvitationByHash(database.read, hashSecret(code));
  if (found === undefined || found.expires_at <= now()) return undefined;
  return found.account_id === null || found.account_id === accountId ? found : undefined;
}

/**
 * Joins the team of an invitation, and all others of its organization that the user is invited to by name (as Quay).
 *
 * @throws {RegistryError} `NOT_FOUND` for a code that is none, or for somebody else
 */
export async function acceptInvitation(
  administration: Administration,
  actor: AccountPrincipal,
  code: string,
): Promise<{ readonly organization: string; readonly team: string }> {
  await administration.rights.require(actor, "self.admin");
  const found = await findInvitation(administration, code, actor.accountId);
  if (found === undefined) throw unknownInvitation();
  const organization = { id: found.organization_id, name: found.organization };
  await changeTeams(administration, organization, async (trx) => {
    // Withdrawn or accepted meanwhile?
    const open = await findInvitationByHash(trx, hashSecret(code));
    if (open === undefined) throw unknownInvitation();
    const others = await findInvitationsOf(trx, organization.id, actor.accountId);
    const all = [open, ...others.filter(({ id }) => id !== open.id)];
    const now = administration.now();
    for (const invitation of all.filter(({ expires_at: end }) => end > now)) {
      await join(trx, actor, invitation, now);
    }
  });
  return { organization: found.organization, team: found.team };
}

/** @throws {RegistryError} as {@link acceptInvitation} */
export async function declineInvitation(
  administration: Administration,
  actor: AccountPrincipal,
  code: string,
): Promise<void> {
  await administration.rights.require(actor, "self.admin");
  const found = await findInvitation(administration, code, actor.accountId);
  if (found === undefined) throw unknownInvitation();
  const organization = { id: found.organization_id, name: found.organization };
  await changeTeams(administration, organization, async (trx) => {
    const open = await findInvitationByHash(trx, hashSecret(code));
    if (open === undefined) throw unknownInvitation();
    await close(trx, actor, open);
    const kind = "org_team_member_invite_declined";
    const deed = { kind, namespace: organization, metadata: factsOf(actor, open) } as const;
    await recordAudit(trx, actor, deed, administration.now());
  });
}

async function join(
  trx: Transaction<Tables>,
  actor: AccountPrincipal,
  invitation: InvitationRow,
  now: number,
): Promise<void> {
  await close(trx, actor, invitation);
  // The team has got its members from elsewhere meanwhile: those alone count.
  if ((await findTeamSync(trx, invitation.team_id)) !== undefined) return;
  await insertTeamMember(trx, invitation.team_id, actor.accountId);
  const namespace = { id: invitation.organization_id, name: invitation.organization };
  const kind = "org_team_member_invite_accepted";
  await recordAudit(trx, actor, { kind, namespace, metadata: factsOf(actor, invitation) }, now);
}

async function close(
  trx: Transaction<Tables>,
  actor: AccountPrincipal,
  invitation: InvitationRow,
): Promise<void> {
  await removeInvitation(trx, invitation.id);
  await withdrawInvitationNotice(trx, actor.accountId, invitation.id);
}

function factsOf(
  actor: AccountPrincipal,
  { team, invited_by: inviter }: InvitationRow,
): Record<string, unknown> {
  return { member: actor.name, team, inviter };
}

function checkedAddress(text: string): string {
  checkEmail(text);
  return text.toLowerCase();
}

function unknownInvitation(): RegistryError {
  return new RegistryError(
    "NOT_FOUND",
    "there is no such invitation for you: it was withdrawn or has expired, or somebody else is invited; sign in as whom it is for",
  );
}
