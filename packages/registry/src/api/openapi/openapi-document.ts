import { problem, RIGHTS, SCOPES, SECTIONS } from "@wharf/contract";
import type { Endpoint, Right } from "@wharf/contract";
import { parametersOf, schemaOf } from "./parameters.ts";
import type { JsonSchema } from "./parameters.ts";

/**
 * The OpenAPI 3.1 document of the API.
 *
 * @param origin scheme and authority under which the client reached the registry
 */
export function openApiDocument(endpoints: readonly Endpoint[], origin: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const endpoint of endpoints) {
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Wharf",
      version: "v1",
      summary: "The API of the container registry: everything but pushes, pulls and downloads.",
      description:
        "Paths and documents are those of Quay where Quay has the thing. Refusals are `application/problem+json`. " +
        "Lists take `limit` and `next_page`; reads have an `ETag`.",
      license: { name: "Apache 2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: origin }],
    tags: Object.entries(SECTIONS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, "output") },
      responses: {
        Problem: {
          description: "Refused; the body says why.",
          content: {
            "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
          },
        },
      },
      securitySchemes: {
        oauth2: {
          type: "oauth2",
          description: "A token of an OAuth application, sent as `Authorization: Bearer`.",
          flows: {
            authorizationCode: {
              authorizationUrl: `${origin}/oauth/authorize`,
              tokenUrl: `${origin}/oauth/access_token`,
              scopes: SCOPES,
            },
          },
        },
        basic: {
          type: "http",
          scheme: "basic",
          description:
            "A user's name and password, `$app` and an application token, `$oauthtoken` and an OAuth token, or a robot and its token.",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "wharf_session",
          description:
            "The cookie of POST /api/v1/signin. Changes also need the header `X-CSRF-Token` with the token of GET /csrf_token.",
        },
      },
    },
  };
}

function operation(endpoint: Endpoint): JsonSchema {
  const { id, section, summary, body, fresh, right } = endpoint;
  const row: Right = RIGHTS[right];
  const isOpen = row.role === "anybody";
  return {
    operationId: id,
    tags: [section],
    summary,
    description: describe(row, right, fresh === true),
    parameters: parametersOf(endpoint),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: schemaOf(body, "input") } },
          },
        }),
    responses: {
      [endpoint.status]: success(endpoint),
      default: { $ref: "#/components/responses/Problem" },
    },
    ...(isOpen
      ? { security: [{}] }
      : {
          security: [
            { oauth2: row.scope === undefined ? [] : [row.scope] },
            { basic: [] },
            { session: [] },
          ],
        }),
  };
}

function success({ answer, content, status }: Endpoint): JsonSchema {
  if (answer !== undefined) {
    return {
      description: "Done.",
      content: { "application/json": { schema: schemaOf(answer, "output") } },
    };
  }
  if (content === undefined) return { description: status === 204 ? "Done; no body." : "Done." };
  return {
    description: "Done.",
    content: Object.fromEntries(content.map((type) => [type, {}])),
  };
}

function describe({ resource, role, robots }: Right, right: string, isFresh: boolean): string {
  if (role === "anybody") return "Needs no login.";
  const on = resource === "registry" ? "" : ` on the ${resource}`;
  return [
    `Right \`${right}\`: needs the role ${role}${on}.`,
    ...(robots ? [] : ["Not for robots."]),
    ...(isFresh ? ["A browser's session must have shown its password lately."] : []),
  ].join(" ");
}
