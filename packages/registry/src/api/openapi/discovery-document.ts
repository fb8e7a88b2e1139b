import { RIGHTS, SCOPES, SECTIONS } from "@wharf/contract";
import type { Endpoint, Right } from "@wharf/contract";
import { parametersOf } from "./parameters.ts";
import type { JsonSchema } from "./parameters.ts";
import { swaggerSchema } from "./swagger-schema.ts";

/** What Quay's clients read at `/api/v1/discovery`: Swagger 2.0, with Quay's operation ids. */
export function discoveryDocument(endpoints: readonly Endpoint[], origin: string): JsonSchema {
  const { host, protocol } = new URL(origin);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const path = (paths[endpoint.path] ??= {
      "x-name": endpoint.id,
      "x-path": endpoint.path,
      "x-tag": endpoint.section,
    });
    path[endpoint.method.toLowerCase()] = operation(endpoint);
  }
  return {
    swagger: "2.0",
    host,
    basePath: "/",
    schemes: [protocol.slice(0, -1)],
    info: { version: "v1", title: "Wharf", description: "The API of the container registry." },
    securityDefinitions: {
      oauth2_implicit: {
        type: "oauth2",
        flow: "implicit",
        authorizationUrl: `${origin}/oauth/authorize`,
        scopes: SCOPES,
      },
    },
    paths,
    definitions: {
      ApiError: {
        type: "object",
        required: ["type", "title", "status"],
        properties: {
          status: { type: "integer" },
          type: { type: "string" },
          detail: { type: "string" },
          title: { type: "string" },
          error_message: { type: "string" },
          error_type: { type: "string" },
        },
      },
    },
    tags: Object.entries(SECTIONS).map(([name, description]) => ({ name, description })),
  };
}

function operation(endpoint: Endpoint): JsonSchema {
  const { id, section, summary, body, answer, status } = endpoint;
  const { scope }: Right = RIGHTS[endpoint.right];
  const parameters: JsonSchema[] = parametersOf(endpoint).map(({ schema, ...parameter }) => ({
    ...parameter,
    type: typeof schema["type"] === "string" ? schema["type"] : "string",
  }));
  if (body !== undefined) {
    const schema = swaggerSchema(body, "input");
    parameters.push({ name: "body", in: "body", required: true, schema });
  }
  const error = { description: "Refused", schema: { $ref: "#/definitions/ApiError" } };
  return {
    operationId: id,
    tags: [section],
    description: summary,
    parameters,
    responses: {
      [status]: {
        description: "Successful invocation",
        ...(answer === undefined ? {} : { schema: swaggerSchema(answer, "output") }),
      },
      400: error,
      401: error,
      403: error,
      404: error,
    },
    ...(scope === undefined ? {} : { security: [{ oauth2_implicit: [scope] }] }),
  };
}
