import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { wantMail } from "../../mail/want-mail.ts";
import { notifyAccount, withdrawNotice } from "../../notifications/notify-account.ts";
import type { AccountRow } from "../account-store.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { principalName } from "../principal.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import type { TeamRow } from "../team-store.ts";
import {
  countInvitations,
  findInvitationTo,
  insertInvitation,
  removeExpiredInvitations,
  removeInvitation,
} from "./invitation-store.ts";

/** How long an invitation can be accepted. */
const LIFE = 30 * 86_400_000;

/** Most open invitations to one team: they are shown on one page. */
const MOST_INVITATIONS = 500;

interface Where {
  readonly organization: { readonly id: number; readonly name: string };
  readonly team: TeamRow;
}

/** Invites a user: behind their bell, and by mail where there is any. An open invitation is replaced. */
export async function inviteUser(
  administration: Administration,
  trx: Transaction<Tables>,
  actor: Actor,
  { organization, team, account }: Where & { readonly account: AccountRow },
): Promise<void> {
  const { now } = administration;
  const inviter = nameOf(actor);
  const { id, code } = await makeInvitation(administration, trx, team, inviter, {
    accountId: account.id,
    email: null,
  });
  // The code is worth something for this user alone, so it is no secret from them.
  const metadata = { code, inviter, org: organization.name, team: team.name };
  const notice = { kind: "org_team_invite", metadata, about: noticeOf(id) } as const;
  await notifyAccount(trx, account.id, notice, now());
  const about = { user: account.name, member: account.name, team: team.name };
  const kind = "org_invite_team_member";
  await recordAudit(trx, actor, { kind, namespace: organization, metadata: about }, now());
}

/** Invites whoever reads mail at an address. @param email in lower case */
export async function inviteAddress(
  administration: Administration,
  trx: Transaction<Tables>,
  actor: Actor,
  { organization, team, email }: Where & { readonly email: string },
): Promise<void> {
  const { now } = administration;
  await makeInvitation(administration, trx, team, nameOf(actor), { accountId: null, email });
  const metadata = { email, member: email, team: team.name };
  const kind = "org_invite_team_member";
  await recordAudit(trx, actor, { kind, namespace: organization, metadata }, now());
}

/** Takes an invitation back, and the notice of it. @returns false when there was none */
export async function withdrawInvitation(
  trx: Transaction<Tables>,
  team: { readonly id: number },
  invited: { readonly account_id: number } | { readonly email: string },
): Promise<boolean> {
  const found = await findInvitationTo(trx, team.id, invited);
  if (found === undefined) return false;
  await removeInvitation(trx, found.id);
  if (found.account_id !== null) await withdrawInvitationNotice(trx, found.account_id, found.id);
  return true;
}

export async function withdrawInvitationNotice(
  trx: Transaction<Tables>,
  accountId: number,
  invitationId: number,
): Promise<void> {
  const about = noticeOf(invitationId);
  await withdrawNotice(trx, accountId, { kind: "org_team_invite", about });
}

async function makeInvitation(
  { now }: Administration,
  trx: Transaction<Tables>,
  team: TeamRow,
  inviter: string,
  invited: { readonly accountId: number | null; readonly email: string | null },
): Promise<{ readonly id: number; readonly code: string }> {
  const { accountId, email } = invited;
  await removeExpiredInvitations(trx, team.id, now());
  if (accountId !== null) await withdrawInvitation(trx, team, { account_id: accountId });
  if (email !== null) await withdrawInvitation(trx, team, { email });
  if ((await countInvitations(trx, team.id)) >= MOST_INVITATIONS) {
    throw new RegistryError(
      "CONFLICT",
      `${MOST_INVITATIONS} invitations to ${team.name} are open; withdraw one first`,
      { status: 400, detail: { team: team.name } },
    );
  }
  const code = makeSecret();
  const id = await insertInvitation(trx, {
    teamId: team.id,
    accountId,
    email,
    codeHash: hashSecret(code),
    invitedBy: inviter,
    createdAt: now(),
    expiresAt: now() + LIFE,
  });
  await wantMail(trx, { kind: "team-invitation", invitationId: id });
  return { id, code };
}

function noticeOf(invitationId: number): string {
  return `invitation:${invitationId}`;
}

function nameOf(actor: Actor): string {
  return actor.kind === "operator" ? "operator" : (principalName(actor) ?? "anonymous");
}
