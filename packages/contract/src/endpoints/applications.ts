import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { avatar, nextPage, page, text } from "../values.ts";

const PATH = "/api/v1/organization/{orgname}/applications";

const application = z.object({
  name: z.string(),
  description: z.string(),
  application_uri: z.string().describe("its home page"),
  client_id: z.string(),
  client_secret: z.string().nullable().describe("null: it cannot be shown again, reset it"),
  redirect_uri: z.string().describe("where browsers are sent back to, exactly; empty: nowhere"),
  avatar_email: z.string().nullable(),
});

const facts = {
  application_uri: text(1024).optional().describe("its home page"),
  redirect_uri: text(1024).optional().describe("where browsers are sent back to, exactly; one URI"),
  description: text(1024).optional(),
  avatar_email: text(254).nullable().optional(),
};

export const getOrganizationApplications = endpoint({
  id: "getOrganizationApplications",
  method: "GET",
  path: PATH,
  section: "application",
  summary: "List the OAuth applications of an organization.",
  right: "organization.admin",
  query: z.object(page),
  status: 200,
  answer: z.object({ applications: z.array(application), next_page: nextPage }),
  quay: "extended: in pages",
});

export const createOrganizationApplication = endpoint({
  id: "createOrganizationApplication",
  method: "POST",
  path: PATH,
  section: "application",
  summary: "Create an OAuth application.",
  right: "organization.admin",
  body: z.object({ name: text(255).min(1, "must not be empty"), ...facts }),
  status: 200,
  answer: application,
  quay: "same",
});

export const getOrganizationApplication = endpoint({
  id: "getOrganizationApplication",
  method: "GET",
  path: `${PATH}/{client_id}`,
  section: "application",
  summary: "Show an OAuth application with its client secret.",
  right: "organization.admin",
  status: 200,
  answer: application,
  quay: "same",
});

export const updateOrganizationApplication = endpoint({
  id: "updateOrganizationApplication",
  method: "PUT",
  path: `${PATH}/{client_id}`,
  section: "application",
  summary: "Change an OAuth application.",
  right: "organization.admin",
  body: z.object({ name: text(255).min(1, "must not be empty").optional(), ...facts }),
  status: 200,
  answer: application,
  quay: "extended: what is left out stays as it is",
});

export const deleteOrganizationApplication = endpoint({
  id: "deleteOrganizationApplication",
  method: "DELETE",
  path: `${PATH}/{client_id}`,
  section: "application",
  summary: "Delete an OAuth application with all its tokens.",
  right: "organization.admin",
  fresh: true,
  status: 204,
  quay: "same",
});

export const resetOrganizationApplicationClientSecret = endpoint({
  id: "resetOrganizationApplicationClientSecret",
  method: "POST",
  path: `${PATH}/{client_id}/resetclientsecret`,
  section: "application",
  summary: "Give an OAuth application a new client secret.",
  right: "organization.admin",
  status: 200,
  answer: application,
  quay: "same",
});

export const getApplicationInformation = endpoint({
  id: "getApplicationInformation",
  method: "GET",
  path: "/api/v1/app/{client_id}",
  section: "application",
  summary: "Tell what everybody may know of an OAuth application.",
  right: "anybody",
  status: 200,
  answer: z.object({
    name: z.string(),
    description: z.string(),
    uri: z.string(),
    avatar,
    organization: z.object({
      name: z.string(),
      email: z.string().describe("always empty"),
      avatar,
      is_admin: z.boolean(),
      is_member: z.boolean(),
    }),
  }),
  quay: "same",
});
