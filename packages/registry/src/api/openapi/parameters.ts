import type { Endpoint } from "@wharf/contract";
import { z } from "zod";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A parameter of a path or query, as OpenAPI and Swagger both begin to describe it. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** What the parameters of paths mean, for every endpoint. */
const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  repository: "Full name of the repository, such as `team/app`; its slashes stand as they are.",
  orgname: "Name of the organization.",
  teamname: "Name of the team.",
  membername: "Name of a user, or of a robot such as `team+deploy`.",
  robot_shortname: "The part of the robot's name after the `+`.",
  username: "Name of the user.",
  tag: "Name of the tag.",
  manifestref: "Digest of the manifest, or a tag that points to it.",
  labelid: "`id` of the label.",
  prototypeid: "`id` of the default permission.",
  client_id: "`client_id` of the application.",
  uuid: "`uuid` of what it is about.",
  token_uuid: "`uuid` of the token.",
  policy_uuid: "`uuid` of the policy.",
  quota_id: "`id` of the quota.",
  limit_id: "`id` of the limit.",
  deletedid: "`id` in the list of deleted repositories.",
  namespace: "Name of a user or organization.",
  name: "Name of the organization.",
  code: "Code of the invitation or token.",
  email: "An e-mail address.",
  prefix: "How the names begin.",
  service: "Id of the service in the configuration.",
  error_type: "Kind of the error, such as `not_found`.",
};

/** The parameters of an endpoint, path first. */
export function parametersOf(endpoint: Endpoint): Parameter[] {
  const names = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const path = names.map((name): Parameter => {
    const description = PATH_PARAMETERS[name];
    return {
      name,
      in: "path",
      required: true,
      ...(description === undefined ? {} : { description }),
      schema: { type: "string" },
    };
  });
  if (endpoint.query === undefined) return path;
  const { properties = {}, required = [] } = schemaOf(endpoint.query, "input") as {
    readonly properties?: Readonly<Record<string, JsonSchema & { readonly description?: string }>>;
    readonly required?: readonly string[];
  }; // the JSON schema of an object
  const query = Object.entries(properties).map(([name, { description, ...schema }]): Parameter => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
  return [...path, ...query];
}

/**
 * The JSON schema of a document.
 *
 * @param io `input`: as a client sends it; `output`: as it is answered
 * @param target the dialect; OpenAPI 3.1 has draft 2020-12, Swagger 2 has draft 4
 */
export function schemaOf(
  schema: z.ZodType,
  io: "input" | "output",
  target: "draft-2020-12" | "draft-4" = "draft-2020-12",
): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target,
    unrepresentable: "any",
  });
  return rest;
}
