import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import type { AnswerOf } from "../../api/endpoint-types.ts";
import { avatarOf } from "../avatar.ts";
import { publicFacts } from "../oauth/application-facts.ts";
import {
  changeApplication,
  createApplication,
  deleteApplication,
  getApplication,
  listApplications,
  resetClientSecret,
} from "../oauth/applications.ts";
import type { Application, ApplicationSettings } from "../oauth/applications.ts";

export const applicationRoutes: readonly ApiRoute[] = [
  serve(endpoints.getOrganizationApplications, async ({ context, actor, namespace, query }) => {
    const { limit = MOST_ENTRIES } = query;
    const after = decodeCursor(query.next_page, z.int().min(0)) ?? 0;
    const page = { after, limit: limit + 1 };
    const { administration } = context.accounts;
    const found = await listApplications(administration, actor, namespace.name, page);
    const { entries, ...next } = pageOf(found, limit, ({ id }) => id);
    return { applications: entries.map(({ application }) => documentOf(application)), ...next };
  }),
  serve(endpoints.createOrganizationApplication, async ({ context, actor, namespace, body }) => {
    const { administration } = context.accounts;
    const settings = { ...settingsOf(body), name: body.name };
    return documentOf(await createApplication(administration, actor, namespace.name, settings));
  }),
  serve(endpoints.getOrganizationApplication, async ({ context, actor, namespace, path }) =>
    documentOf(
      await getApplication(context.accounts.administration, actor, {
        organization: namespace.name,
        clientId: path.client_id,
      }),
    ),
  ),
  serve(
    endpoints.updateOrganizationApplication,
    async ({ context, actor, namespace, path, body }) => {
      const { administration } = context.accounts;
      const place = { organization: namespace.name, clientId: path.client_id };
      return documentOf(await changeApplication(administration, actor, place, settingsOf(body)));
    },
  ),
  serve(endpoints.deleteOrganizationApplication, async ({ context, actor, namespace, path }) => {
    const place = { organization: namespace.name, clientId: path.client_id };
    await deleteApplication(context.accounts.administration, actor, place);
    return undefined;
  }),
  serve(
    endpoints.resetOrganizationApplicationClientSecret,
    async ({ context, actor, namespace, path }) => {
      const place = { organization: namespace.name, clientId: path.client_id };
      return documentOf(await resetClientSecret(context.accounts.administration, actor, place));
    },
  ),
  serve(endpoints.getApplicationInformation, async ({ context, actor, path }) => {
    const facts = await publicFacts(context.accounts.administration, actor, path.client_id);
    const { name, description, uri, organization } = facts;
    return {
      name,
      description,
      uri,
      avatar: avatarOf(name, "app"),
      organization: {
        name: organization.name,
        email: "",
        avatar: avatarOf(organization.name, "org"),
        is_admin: organization.isAdmin,
        is_member: organization.isMember,
      },
    };
  }),
];

function settingsOf(body: {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly application_uri?: string | undefined;
  readonly redirect_uri?: string | undefined;
  readonly avatar_email?: string | null | undefined;
}): ApplicationSettings {
  return {
    name: body.name,
    description: body.description,
    applicationUri: body.application_uri,
    redirectUri: body.redirect_uri,
    avatarEmail: body.avatar_email,
  };
}

function documentOf(
  application: Application,
): AnswerOf<typeof endpoints.getOrganizationApplication> {
  return {
    name: application.name,
    description: application.description,
    application_uri: application.applicationUri,
    client_id: application.clientId,
    client_secret: application.clientSecret ?? null,
    redirect_uri: application.redirectUri,
    avatar_email: application.avatarEmail,
  };
}
