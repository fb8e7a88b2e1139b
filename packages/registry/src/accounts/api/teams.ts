import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { mailDate } from "../../api/mail-date.ts";
import { avatarOf } from "../avatar.ts";
import { teamSyncOffer } from "../external/teams/team-sync-offer.ts";
import { personOf } from "../person.ts";
import { deleteTeam } from "../teams/delete-team.ts";
import { setTeam } from "../teams/set-team.ts";
import {
  acceptInvitation,
  declineInvitation,
  inviteByMail,
  listTeamInvitations,
  withdrawMailInvitation,
} from "../teams/team-invitations.ts";
import { addTeamMember, listTeamMembers, removeTeamMember } from "../teams/team-members.ts";
import { listTeamPermissions } from "../teams/team-permissions.ts";
import { findTeamSynchronization } from "../teams/team-synchronization.ts";
import { idPage } from "./id-page.ts";

export const teamRoutes: readonly ApiRoute[] = [
  serve(endpoints.updateOrganizationTeam, async ({ context, actor, namespace, path, body }) => {
    const team = await setTeam(context.accounts.administration, actor, {
      organization: namespace.name,
      name: path.teamname,
      ...body,
    });
    const { name, description, role, isNew } = team;
    const avatar = avatarOf(name, "team");
    return { name, description, can_view: true, role, avatar, new_team: isNew };
  }),
  serve(endpoints.deleteOrganizationTeam, async ({ context, actor, namespace, path }) => {
    const team = { organization: namespace.name, name: path.teamname };
    await deleteTeam(context.accounts.administration, actor, team);
    return undefined;
  }),
  serve(
    endpoints.getOrganizationTeamMembers,
    async ({ context, actor, namespace, path, query }) => {
      const { administration } = context.accounts;
      const where = { organization: namespace.name, team: path.teamname };
      const { entries, ...next } = await idPage(
        query,
        (page) => listTeamMembers(administration, actor, where, page),
        ({ id }) => id,
      );
      const organization = namespace;
      const canEdit = await administration.rights.has(actor, "organization.admin", {
        organization,
      });
      const isLast = next.next_page === undefined;
      const pending =
        query.includePending === true && canEdit && isLast
          ? await listTeamInvitations(administration, actor, where)
          : [];
      const sync = await findTeamSynchronization(administration, actor, where);
      const offer = await teamSyncOffer(administration, actor, organization);
      return {
        name: path.teamname,
        members: [
          ...entries.map(({ name, isRobot }) => memberOf(name, isRobot, false)),
          ...pending.map(({ account, email }) =>
            account === null ? addressOf(email ?? "") : memberOf(account, false, true),
          ),
        ],
        can_edit: canEdit,
        ...(offer === undefined ? {} : { can_sync: { ...offer } }),
        ...(sync === undefined ? {} : { synced: syncOf(sync, canEdit) }),
        ...next,
      };
    },
  ),
  serve(endpoints.updateOrganizationTeamMember, async ({ context, actor, namespace, path }) => {
    const { name, isRobot, invited } = await addTeamMember(context.accounts.administration, actor, {
      organization: namespace.name,
      team: path.teamname,
      member: path.membername,
    });
    return memberOf(name, isRobot, invited);
  }),
  serve(endpoints.deleteOrganizationTeamMember, async ({ context, actor, namespace, path }) => {
    await removeTeamMember(context.accounts.administration, actor, {
      organization: namespace.name,
      team: path.teamname,
      member: path.membername,
    });
    return undefined;
  }),
  serve(endpoints.inviteTeamMemberEmail, async ({ context, actor, namespace, path }) => {
    const { teamname: team, email } = path;
    const invitation = { organization: namespace.name, team, email };
    return addressOf(await inviteByMail(context.accounts.administration, actor, invitation));
  }),
  serve(endpoints.deleteTeamMemberEmailInvite, async ({ context, actor, namespace, path }) => {
    const { teamname: team, email } = path;
    const invitation = { organization: namespace.name, team, email };
    await withdrawMailInvitation(context.accounts.administration, actor, invitation);
    return undefined;
  }),
  serve(
    endpoints.getOrganizationTeamPermissions,
    async ({ context, actor, namespace, path, query }) => {
      const { administration } = context.accounts;
      const where = { organization: namespace.name, team: path.teamname };
      const { entries, ...next } = await idPage(
        query,
        (page) => listTeamPermissions(administration, actor, where, page),
        ({ id }) => id,
      );
      const permissions = entries.map(({ name, visibility, role }) => ({
        repository: {
          name: name.slice(name.indexOf("/") + 1),
          is_public: visibility === "public",
        },
        role,
      }));
      return { permissions, ...next };
    },
  ),
  serve(endpoints.acceptOrganizationTeamInvite, async ({ context, actor, path }) => {
    const { administration } = context.accounts;
    const joined = await acceptInvitation(administration, personOf(actor), path.code);
    return { org: joined.organization, team: joined.team };
  }),
  serve(endpoints.declineOrganizationTeamInvite, async ({ context, actor, path }) => {
    await declineInvitation(context.accounts.administration, personOf(actor), path.code);
    return undefined;
  }),
];

function memberOf(name: string, isRobot: boolean, invited: boolean) {
  const avatar = avatarOf(name, isRobot ? "robot" : "user");
  return { name, kind: "user" as const, is_robot: isRobot, avatar, invited };
}

function addressOf(email: string) {
  const avatar = avatarOf(email, "user");
  return { email, kind: "invite" as const, avatar, invited: true as const };
}

/** How it goes is for those who can do something about it. */
function syncOf(
  sync: NonNullable<Awaited<ReturnType<typeof findTeamSynchronization>>>,
  canEdit: boolean,
) {
  const { service, group_name: group, synced_at: at, last_error: error } = sync;
  if (!canEdit) return { service };
  return {
    service,
    last_updated: at === null ? null : mailDate(at),
    config: service === "ldap" ? { group_dn: group } : { group_name: group },
    last_error: error,
  };
}
