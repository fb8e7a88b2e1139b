import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { deleteOrganization, listOrganizations } from "../admin/organizations.ts";
import { avatarOf } from "../avatar.ts";
import { changeOrganization } from "../organizations/change-organization.ts";
import { takeOwnership } from "../organizations/take-ownership.ts";
import { viewOrganization } from "../organizations/view-organization.ts";
import { personOf } from "../person.ts";
import { changesOf, organizationOf } from "./organizations.ts";

const Name = z.string().max(255);

export const superuserOrganizationRoutes: readonly ApiRoute[] = [
  serve(endpoints.listAllOrganizations, async ({ context, actor, query }) => {
    const { limit = MOST_ENTRIES } = query;
    const after = decodeCursor(query.next_page, Name) ?? "";
    const page = { after, limit: limit + 1 };
    const found = await listOrganizations(context.accounts.administration, actor, page);
    const { entries, ...next } = pageOf(found, limit, ({ name }) => name);
    const organizations = entries.map(({ name, email, description, created_at: created }) => ({
      name,
      email,
      description,
      avatar: avatarOf(name, "org"),
      created: new Date(created).toISOString(),
    }));
    return { organizations, ...next };
  }),
  serve(endpoints.changeOrganization, async ({ context, actor, path, body }) => {
    if (body.name !== undefined && body.name !== path.name) throw notRenamed();
    const { administration } = context.accounts;
    await changeOrganization(administration, actor, path.name, changesOf(body));
    const view = await viewOrganization(administration, actor, path.name);
    return organizationOf(context, view);
  }),
  serve(endpoints.deleteOrganization, async ({ context, actor, path }) => {
    await deleteOrganization(context.accounts.administration, actor, path.name);
    return undefined;
  }),
  serve(endpoints.takeOwnership, async ({ context, actor, path: { namespace } }) => {
    await takeOwnership(context.accounts.administration, personOf(actor), namespace);
    return { namespace };
  }),
];

function notRenamed(): RegistryError {
  return new RegistryError(
    "PARAMETER_INVALID",
    "organizations are not renamed: their name stands in the names of their repositories and robots",
    { detail: { field: "name" } },
  );
}
