import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import type { RegistryContext } from "../../context.ts";
import { effectiveQuota } from "../../quotas/effective-quota.ts";
import { quotaReport } from "../../quotas/quota-report.ts";
import { avatarOf } from "../avatar.ts";
import { createOrganization, deleteOrganization } from "../admin/organizations.ts";
import { changeOrganization } from "../organizations/change-organization.ts";
import type { OrganizationChanges } from "../organizations/change-organization.ts";
import {
  findOrganizationMember,
  listCollaborators,
  listOrganizationMembers,
  removeOrganizationMember,
} from "../organizations/organization-members.ts";
import type { OrganizationMember } from "../organizations/organization-members.ts";
import { viewOrganization } from "../organizations/view-organization.ts";
import type { OrganizationView } from "../organizations/view-organization.ts";
import { idPage } from "./id-page.ts";

export const organizationRoutes: readonly ApiRoute[] = [
  serve(endpoints.createOrganization, async ({ context, actor, body }) => {
    const { name, description } = body;
    const email = body.contact_email ?? body.email ?? undefined;
    await createOrganization(context.accounts.administration, actor, { name, email, description });
    return "Created" as const;
  }),
  serve(endpoints.getOrganization, async ({ context, actor, namespace }) =>
    organizationOf(
      context,
      await viewOrganization(context.accounts.administration, actor, namespace.name),
    ),
  ),
  serve(endpoints.changeOrganizationDetails, async ({ context, actor, namespace, body }) => {
    const { administration } = context.accounts;
    await changeOrganization(administration, actor, namespace.name, changesOf(body));
    const view = await viewOrganization(administration, actor, namespace.name);
    return organizationOf(context, view);
  }),
  serve(endpoints.deleteAdminedOrganization, async ({ context, actor, namespace }) => {
    await deleteOrganization(context.accounts.administration, actor, namespace.name);
    return undefined;
  }),
  serve(endpoints.getOrganizationMembers, async ({ context, actor, namespace, query }) => {
    const { administration } = context.accounts;
    const { entries, ...next } = await idPage(
      query,
      (page) => listOrganizationMembers(administration, actor, namespace.name, page),
      ({ id }) => id,
      MOST_ENTRIES,
    );
    return { members: entries.map(memberOf), ...next };
  }),
  serve(endpoints.getOrganizationMember, async ({ context, actor, namespace, path }) =>
    memberOf(
      await findOrganizationMember(
        context.accounts.administration,
        actor,
        namespace.name,
        path.membername,
      ),
    ),
  ),
  serve(endpoints.removeOrganizationMember, async ({ context, actor, namespace, path }) => {
    const { administration } = context.accounts;
    await removeOrganizationMember(administration, actor, namespace.name, path.membername);
    return undefined;
  }),
  serve(endpoints.getOrganizationCollaborators, async ({ context, actor, namespace, query }) => {
    const { administration } = context.accounts;
    const { entries, ...next } = await idPage(
      query,
      (page) => listCollaborators(administration, actor, namespace.name, page),
      ({ id }) => id,
      MOST_ENTRIES,
    );
    return { collaborators: entries.map(memberOf), ...next };
  }),
];

/** What the body of a change asks for. */
export function changesOf(body: {
  readonly email?: string | null | undefined;
  readonly contact_email?: string | null | undefined;
  readonly description?: string | undefined;
  readonly tag_expiration_s?: number | undefined;
}): OrganizationChanges {
  const { tag_expiration_s: seconds, description } = body;
  // Null removes it, as the empty text does.
  const email = body.contact_email === undefined ? body.email : body.contact_email;
  return {
    email: email === null ? "" : email,
    description,
    tagExpiration: seconds,
  };
}

/** As the API shows it. */
export async function organizationOf(context: RegistryContext, view: OrganizationView) {
  const { name, email, description, isAdmin, isMember, tagExpiration, teams } = view;
  return {
    name,
    email,
    description,
    avatar: avatarOf(name, "org"),
    is_admin: isAdmin,
    is_member: isMember,
    ...(teams === undefined ? {} : teamsOf(teams)),
    ...(isMember ? await quotasOf(context, view) : {}),
    ...(tagExpiration === undefined
      ? {}
      : {
          invoice_email: false as const,
          invoice_email_address: null,
          tag_expiration_s: Math.floor(tagExpiration / 1000),
          is_free_account: true as const,
        }),
  };
}

async function quotasOf({ database, config }: RegistryContext, { id }: OrganizationView) {
  const quota = await effectiveQuota(database.read, config, id);
  const limits = quota?.limits.map((limit) => ({
    id: limit.id,
    type: limit.type,
    limit_percent: limit.percent,
  }));
  return {
    quotas:
      quota === undefined || limits === undefined
        ? []
        : [{ id: quota.id, limit_bytes: quota.limitBytes, limits }],
    quota_report: await quotaReport(database.read, { id }, config),
  };
}

function teamsOf(teams: NonNullable<OrganizationView["teams"]>) {
  return {
    teams: Object.fromEntries(
      teams.map((team) => [
        team.name,
        {
          name: team.name,
          description: team.description,
          role: team.role,
          avatar: avatarOf(team.name, "team"),
          can_view: team.isVisible,
          repo_count: team.repositories,
          member_count: team.members,
          is_synced: team.isSynced,
        },
      ]),
    ),
    ordered_teams: teams.map(({ name }) => name),
  };
}

function memberOf({ name, isRobot, teams, repositories, repositoryCount }: OrganizationMember) {
  const kind = isRobot ? ("robot" as const) : ("user" as const);
  return {
    name,
    kind,
    avatar: avatarOf(name, kind),
    teams: teams.map((team) => ({ name: team, avatar: avatarOf(team, "team") })),
    repositories: repositories.map((full) => full.slice(full.indexOf("/") + 1)),
    repository_count: repositoryCount,
  };
}
