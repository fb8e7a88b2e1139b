import * as endpoints from "@wharf/contract/endpoints";
import { Reply, serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { avatarOf } from "../avatar.ts";
import { detachExternalLogin } from "../external/attach-external-login.ts";
import { beginExternalLogin } from "../external/oidc/begin-external-login.ts";
import { disableTeamSync, enableTeamSync } from "../external/teams/team-syncing.ts";
import type { TeamRow } from "../team-store.ts";

export const externalLoginApiRoutes: readonly ApiRoute[] = [
  serve(endpoints.listExternalLoginServices, async ({ context }) => {
    const { oidc, directory } = context.accounts.external;
    return {
      services: Array.from(oidc.values(), ({ config: { id, name } }) => ({
        id,
        title: name,
        kind: "oidc" as const,
      })),
      directory: directory !== undefined,
    };
  }),

  serve(
    endpoints.retrieveExternalLoginAuthorizationUrl,
    async ({ context, actor, session, path, body, exchange }) => {
      const wanted = { service: path.service, kind: body.kind, returnTo: body.return_to };
      const begun = await beginExternalLogin(context, { actor, session }, wanted, exchange);
      return new Reply({ auth_url: begun.authUrl }, { headers: { "Set-Cookie": begun.cookie } });
    },
  ),

  serve(endpoints.detachExternalLogin, async ({ context, actor, path }) => {
    await detachExternalLogin(context.accounts.administration, actor, path.service);
    return { success: true as const };
  }),

  serve(endpoints.enableOrganizationTeamSync, async ({ context, actor, path, body }) => {
    const { administration, external } = context.accounts;
    const place = { organization: path.orgname, team: path.teamname };
    const team = await enableTeamSync(administration, external, actor, { ...place, ...body });
    return teamOf(team, true);
  }),

  serve(endpoints.disableOrganizationTeamSync, async ({ context, actor, path }) => {
    const place = { organization: path.orgname, team: path.teamname };
    return teamOf(await disableTeamSync(context.accounts.administration, actor, place), false);
  }),
];

/** Whoever may change it may see it. */
function teamOf({ name, description, role }: TeamRow, isSynced: boolean) {
  const avatar = avatarOf(name, "team");
  return {
    name,
    description,
    can_view: true,
    role,
    avatar,
    new_team: false as const,
    is_synced: isSynced,
  };
}
