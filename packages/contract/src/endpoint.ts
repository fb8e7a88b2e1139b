import type { z } from "zod";
import type { RightName } from "./rights.ts";

/** Headings of the reference page, and OpenAPI tags. */
export const SECTIONS = {
  user: "Your account",
  organization: "Organizations",
  team: "Teams",
  robot: "Robot accounts",
  prototype: "Default permissions",
  application: "OAuth applications",
  repository: "Repositories",
  permission: "Repository permissions",
  tag: "Tags",
  manifest: "Manifests",
  policy: "Policies",
  quota: "Quotas and usage",
  logs: "Audit log",
  search: "Search",
  superuser: "Superusers",
  discovery: "The API itself",
} as const;

export type Section = keyof typeof SECTIONS;

/** What is known of an endpoint of the API: server, OpenAPI, reference, tests and console read it from here. */
export interface Endpoint<
  Path extends string = string,
  Query extends z.ZodObject | undefined = z.ZodObject | undefined,
  Body extends z.ZodType | undefined = z.ZodType | undefined,
  Answer extends z.ZodType | undefined = z.ZodType | undefined,
> {
  /** `operationId`; Quay's where it has the endpoint. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Parameters in braces. `{repository}` is a full name and may have slashes; everything else is one segment. */
  readonly path: Path;
  readonly section: Section;
  /** One sentence in the imperative. */
  readonly summary: string;
  readonly right: RightName;
  /** True: a browser's session must have shown its password, or signed in, within the last minutes. */
  readonly fresh?: boolean;
  /** Every value comes as text: use `queryInteger` and its like. */
  readonly query?: Query;
  /** JSON. */
  readonly body?: Body;
  /** Most bytes of the body; 64 KiB where it is missing. */
  readonly bodyLimit?: number;
  /** Of success. */
  readonly status: 200 | 201 | 202 | 204;
  /** JSON; undefined: no body, or one that is not JSON (`content`). */
  readonly answer?: Answer;
  /** Media types of an answer that is not JSON. */
  readonly content?: readonly string[];
  /** What Quay's automation finds: the same, more than in Quay, or nothing of Quay's. */
  readonly quay: "same" | `extended: ${string}` | `new: ${string}`;
}

/** Names an endpoint of the API; keeps the types of its parts. */
export function endpoint<
  const Path extends `/api/v1/${string}`,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
>(definition: Endpoint<Path, Query, Body, Answer>): Endpoint<Path, Query, Body, Answer> {
  return definition;
}

/** The parameters of a path by name. */
export type PathParameters<Path extends string> =
  Path extends `${string}{${infer Name}}${infer Rest}`
    ? { readonly [Key in Name]: string } & PathParameters<Rest>
    : unknown;
