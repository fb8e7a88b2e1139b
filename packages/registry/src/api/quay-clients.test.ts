// Long because it is one table: what two public clients of Quay say, in their order.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { OPERATOR } from "../accounts/admin/actor.ts";
import { createOauthToken } from "../accounts/admin/access-secrets.ts";
import type { HttpClient } from "../testing/http-client.ts";
import { smallImage } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";

/** One call of a client: what it sends, and what it must be able to read. */
interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api/v1`, as the client writes it. */
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  /** What the client decodes into; fields beside it are ignored by it. */
  readonly reads?: z.ZodType;
}

const avatar = z.object({
  name: z.string(),
  hash: z.string(),
  color: z.string(),
  kind: z.string(),
});
const digest = smallImage().manifest.descriptor.digest;

/**
 * github.com/enthought/terraform-provider-quay, internal/provider/*_resource.go over its generated client quay_api:
 * create, read, update, delete of each resource. It writes the slash of a repository's name as `%2F`.
 */
const TERRAFORM_PROVIDER: readonly Call[] = [
  {
    method: "POST",
    path: "/organization/",
    body: { name: "tforg", email: "tf@example.com" },
    status: 201,
  },
  {
    method: "GET",
    path: "/organization/tforg",
    status: 200,
    reads: z.object({
      name: z.literal("tforg"),
      email: z.literal("tf@example.com"),
      teams: z.object({
        owners: z.object({
          name: z.literal("owners"),
          role: z.literal("admin"),
          description: z.string(),
          can_view: z.boolean(),
          repo_count: z.int(),
          member_count: z.literal(1),
          is_synced: z.literal(false),
        }),
      }),
    }),
  },
  {
    method: "PUT",
    path: "/organization/tforg",
    body: { name: "tforg", email: "new@example.com" },
    status: 200,
  },
  {
    method: "PUT",
    path: "/organization/tforg/robots/bot",
    body: { description: "a bot" },
    status: 201,
    reads: z.object({
      name: z.literal("tforg+bot"),
      token: z.string().min(1),
      created: z.string(),
      last_accessed: z.string().nullable(),
      description: z.literal("a bot"),
    }),
  },
  {
    method: "GET",
    path: "/organization/tforg/robots/bot",
    status: 200,
    reads: z.object({ name: z.literal("tforg+bot"), token: z.string().min(1) }),
  },
  {
    method: "PUT",
    path: "/organization/tforg/team/devs",
    body: { role: "member", description: "d" },
    status: 200,
  },
  {
    method: "PUT",
    path: "/organization/tforg/team/devs/members/tforg+bot",
    body: {},
    status: 200,
  },
  {
    method: "GET",
    path: "/organization/tforg/team/devs/members",
    status: 200,
    reads: z.object({
      name: z.literal("devs"),
      can_edit: z.literal(true),
      members: z.tuple([
        z.object({
          name: z.literal("tforg+bot"),
          kind: z.literal("user"),
          is_robot: z.literal(true),
          invited: z.literal(false),
        }),
      ]),
    }),
  },
  {
    method: "POST",
    path: "/repository",
    body: { repository: "web", visibility: "private", namespace: "tforg", description: "x" },
    status: 201,
  },
  {
    method: "GET",
    path: "/repository/tforg%2Fweb",
    status: 200,
    reads: z.object({
      name: z.literal("web"),
      namespace: z.literal("tforg"),
      description: z.literal("x"),
      is_public: z.literal(false),
    }),
  },
  { method: "PUT", path: "/repository/tforg%2Fweb", body: { description: "y" }, status: 200 },
  {
    method: "POST",
    path: "/repository/tforg%2Fweb/changevisibility",
    body: { visibility: "public" },
    status: 200,
  },
  {
    method: "PUT",
    path: "/repository/tforg%2Fweb/permissions/team/devs",
    body: { role: "write" },
    status: 200,
  },
  {
    method: "GET",
    path: "/repository/tforg%2Fweb/permissions/team/devs",
    status: 200,
    reads: z.object({ role: z.literal("write") }),
  },
  { method: "DELETE", path: "/repository/tforg%2Fweb/permissions/team/devs", status: 204 },
  { method: "DELETE", path: "/organization/tforg/team/devs/members/tforg+bot", status: 204 },
  { method: "DELETE", path: "/repository/tforg%2Fweb", status: 204 },
  { method: "DELETE", path: "/organization/tforg/team/devs", status: 204 },
  { method: "DELETE", path: "/organization/tforg/robots/bot", status: 204 },
  { method: "DELETE", path: "/organization/tforg", status: 204 },
];

/**
 * github.com/sebrandon1/go-quay, lib/*.go: those of its calls that Quay has. (It also asks for some that Quay never
 * had, such as `GET …/tag/{tag}`, and takes `permissions` for a list where Quay has an object.)
 */
const GO_QUAY: readonly Call[] = [
  {
    method: "GET",
    path: "/user",
    status: 200,
    reads: z.object({
      anonymous: z.literal(false),
      username: z.string(),
      avatar,
      can_create_repo: z.boolean(),
      verified: z.boolean(),
      organizations: z.array(z.object({ name: z.string(), avatar, can_create_repo: z.boolean() })),
      tag_expiration_s: z.int(),
      super_user: z.boolean(),
    }),
  },
  {
    method: "GET",
    path: "/repository?namespace=team&popularity=true",
    status: 200,
    reads: z.object({
      repositories: z.tuple([
        z.object({
          name: z.literal("app"),
          namespace: z.literal("team"),
          is_public: z.boolean(),
          kind: z.literal("image"),
          description: z.string().nullable(),
          popularity: z.number(),
        }),
      ]),
    }),
  },
  {
    method: "GET",
    path: "/repository/team/app/tag/?limit=100&page=1",
    status: 200,
    reads: z.object({
      page: z.literal(1),
      has_additional: z.literal(false),
      tags: z.tuple([
        z.object({
          name: z.literal("v1"),
          reversion: z.literal(false),
          start_ts: z.int(),
          manifest_digest: z.literal(digest),
          is_manifest_list: z.literal(false),
          size: z.int(),
          last_modified: z.string(),
        }),
      ]),
    }),
  },
  {
    method: "PUT",
    path: "/repository/team/app/tag/stable",
    body: { manifest_digest: digest },
    status: 201,
  },
  {
    method: "POST",
    path: "/repository/team/app/tag/stable/restore",
    body: { manifest_digest: digest },
    status: 200,
    reads: z.object({}),
  },
  { method: "DELETE", path: "/repository/team/app/tag/stable", status: 204 },
  {
    method: "POST",
    path: `/repository/team/app/manifest/${digest}/labels`,
    body: { key: "team", value: "blue", media_type: "text/plain" },
    status: 201,
  },
  {
    method: "GET",
    path: `/repository/team/app/manifest/${digest}/labels`,
    status: 200,
    reads: z.object({
      labels: z.array(
        z.object({
          id: z.string(),
          key: z.string(),
          value: z.string(),
          source_type: z.enum(["manifest", "api", "internal"]),
          media_type: z.string(),
        }),
      ),
    }),
  },
  {
    method: "PUT",
    path: "/repository/team/app/permissions/user/team+bot",
    body: { role: "write" },
    status: 200,
    reads: z.object({ role: z.literal("write"), name: z.literal("team+bot") }),
  },
  {
    method: "GET",
    path: "/organization/team/members",
    status: 200,
    reads: z.object({
      members: z.tuple([
        z.object({
          name: z.literal("admin"),
          kind: z.literal("user"),
          avatar,
          teams: z.tuple([z.object({ name: z.literal("owners"), avatar })]),
          repositories: z.array(z.string()),
        }),
      ]),
    }),
  },
  {
    method: "GET",
    path: "/organization/team/robots",
    status: 200,
    reads: z.object({
      robots: z.tuple([
        z.object({ name: z.literal("team+bot"), token: z.string(), created: z.string() }),
      ]),
    }),
  },
  {
    method: "POST",
    path: "/organization/team/robots/bot/regenerate",
    status: 200,
    reads: z.object({ name: z.literal("team+bot"), token: z.string() }),
  },
  {
    method: "POST",
    path: "/organization/team/prototypes",
    body: { role: "read", delegate: { name: "team+bot", kind: "user" } },
    status: 200,
    reads: z.object({
      id: z.string(),
      role: z.literal("read"),
      delegate: z.object({ name: z.literal("team+bot"), kind: z.literal("user") }),
    }),
  },
  {
    method: "POST",
    path: "/organization/team/autoprunepolicy",
    body: { method: "number_of_tags", value: 5 },
    status: 201,
    reads: z.object({ uuid: z.string() }),
  },
  {
    method: "GET",
    path: "/organization/team/autoprunepolicy",
    status: 200,
    reads: z.object({
      policies: z.tuple([
        z.object({ uuid: z.string(), method: z.literal("number_of_tags"), value: z.literal(5) }),
      ]),
    }),
  },
  {
    method: "GET",
    path: "/repository/team/app/logs",
    status: 200,
    reads: z.object({
      start_time: z.string(),
      end_time: z.string(),
      logs: z.array(z.object({ kind: z.string(), datetime: z.string() })),
    }),
  },
  {
    method: "GET",
    path: "/organization/team/aggregatelogs",
    status: 200,
    reads: z.object({ aggregated: z.array(z.object({ kind: z.string(), count: z.int() })) }),
  },
  {
    method: "GET",
    path: "/find/repositories?query=app",
    status: 200,
    reads: z.object({
      has_additional: z.boolean(),
      page: z.int(),
      page_size: z.int(),
      results: z.tuple([z.object({ name: z.literal("app"), kind: z.literal("repository") })]),
    }),
  },
  { method: "GET", path: "/find/all?query=team", status: 200 },
  {
    method: "GET",
    path: "/messages",
    status: 200,
    reads: z.object({ messages: z.array(z.unknown()) }),
  },
  { method: "GET", path: "/discovery", status: 200 },
  {
    method: "GET",
    path: "/error/not_found",
    status: 200,
    reads: z.object({ type: z.string(), title: z.string(), description: z.string() }),
  },
];

suite("public clients of Quay", () => {
  everyRegistry((start) => {
    test("find what they ask for, with an OAuth token", async () => {
      await using registry = await start();
      await registry.pushImage("team/app", "v1", smallImage());
      await registry.robot("bot");
      const client = await withToken(registry);
      for (const call of [...TERRAFORM_PROVIDER, ...GO_QUAY]) await make(client, call);
    });
  });
});

async function withToken(registry: TestRegistry): Promise<HttpClient> {
  const { secret } = await createOauthToken(registry.administration, OPERATOR, "admin", {
    title: "automation",
  });
  return registry.client(`Bearer ${secret}`);
}

async function make(client: HttpClient, call: Call): Promise<void> {
  const { method, path, body, status, reads } = call;
  const answer = await client.ask(method, `/api/v1${path}`, {
    headers: { "content-type": "application/json", accept: "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = answer.body.toString();
  assert.equal(answer.status, status, `${method} ${path}: ${text}`);
  if (reads === undefined) return;
  const read = reads.safeParse(JSON.parse(text));
  assert.ok(read.success, `${method} ${path}: ${text}\n${read.error?.message}`);
}
