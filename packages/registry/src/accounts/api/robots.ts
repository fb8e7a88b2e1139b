import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { Reply, serve } from "../../api/api-route.ts";
import type { ApiRequest, ApiRoute } from "../../api/api-route.ts";
import type { AnswerOf, BodyOf, QueryOf } from "../../api/endpoint-types.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import { mailDate } from "../../api/mail-date.ts";
import { deleteRobot, putRobot, regenerateRobotToken } from "../admin/robots.ts";
import type { RobotPlace } from "../admin/robots.ts";
import { avatarOf } from "../avatar.ts";
import {
  getRobot,
  listRobotPermissions,
  listRobotsOfNamespace,
  withoutNamespace,
} from "../robots/read-robots.ts";
import type { Robot } from "../robots/read-robots.ts";

/** Robots of organizations, and the same of one's own. */
export const robotRoutes: readonly ApiRoute[] = [
  serve(endpoints.getOrgRobots, (asked) => list(asked, asked.query)),
  serve(endpoints.getUserRobots, (asked) => list(asked, asked.query)),
  serve(endpoints.getOrgRobot, (asked) => read(asked)),
  serve(endpoints.getUserRobot, (asked) => read(asked)),
  serve(endpoints.createOrgRobot, (asked) => put(asked, asked.body)),
  serve(endpoints.createUserRobot, (asked) => put(asked, asked.body)),
  serve(endpoints.deleteOrgRobot, (asked) => remove(asked)),
  serve(endpoints.deleteUserRobot, (asked) => remove(asked)),
  serve(endpoints.getOrgRobotPermissions, (asked) => permissions(asked, asked.query)),
  serve(endpoints.getUserRobotPermissions, (asked) => permissions(asked, asked.query)),
  serve(endpoints.regenerateOrgRobotToken, (asked) => regenerate(asked)),
  serve(endpoints.regenerateUserRobotToken, (asked) => regenerate(asked)),
];

/** What is the same in both. */
export type AskedOfNamespace = Pick<ApiRequest, "context" | "actor" | "namespace">;
export type AskedOfRobot = AskedOfNamespace & {
  readonly path: { readonly robot_shortname: string };
};

/** Which robot a path names. */
export function placeOf({ namespace, path }: AskedOfRobot): RobotPlace {
  return { namespace: namespace.name, short: path.robot_shortname };
}

async function list(
  { context, actor, namespace }: AskedOfNamespace,
  query: QueryOf<typeof endpoints.getOrgRobots>,
): Promise<AnswerOf<typeof endpoints.getOrgRobots>> {
  const { limit = MOST_ENTRIES, token = true, permissions: withGrants = false } = query;
  const after = decodeCursor(query.next_page, z.string().max(511));
  const robots = await listRobotsOfNamespace(
    context.accounts.administration,
    actor,
    namespace.name,
    { after, limit: limit + 1, withTokens: token, withGrants },
  );
  const { entries, ...next } = pageOf(robots, limit, ({ name }) => name);
  return {
    robots: entries.map((robot) => ({ ...documentOf(robot), ...grantsOf(robot) })),
    ...next,
  };
}

async function read(asked: AskedOfRobot): Promise<RobotDocument> {
  const { context, actor } = asked;
  return documentOf(await getRobot(context.accounts.administration, actor, placeOf(asked)));
}

async function put(
  asked: AskedOfRobot,
  body: BodyOf<typeof endpoints.createOrgRobot>,
): Promise<Reply<RobotDocument>> {
  const { context, actor } = asked;
  const { administration } = context.accounts;
  const { description, unstructured_metadata: metadata, expiration } = body;
  const expiresAt = typeof expiration === "string" ? Date.parse(expiration) : expiration;
  const place = placeOf(asked);
  const isNew = await putRobot(administration, actor, place, { description, metadata, expiresAt });
  const document = documentOf(await getRobot(administration, actor, place));
  return new Reply(document, { status: isNew ? 201 : 200 });
}

async function remove(asked: AskedOfRobot): Promise<undefined> {
  const { context, actor } = asked;
  await deleteRobot(context.accounts.administration, actor, placeOf(asked));
}

async function permissions(
  asked: AskedOfRobot,
  query: QueryOf<typeof endpoints.getOrgRobotPermissions>,
): Promise<AnswerOf<typeof endpoints.getOrgRobotPermissions>> {
  const { context, actor } = asked;
  const { limit = MOST_ENTRIES } = query;
  const after = decodeCursor(query.next_page, z.int().min(0)) ?? 0;
  const rows = await listRobotPermissions(context.accounts.administration, actor, placeOf(asked), {
    after,
    limit: limit + 1,
  });
  const { entries, ...next } = pageOf(rows, limit, ({ repository_id: id }) => id);
  return {
    permissions: entries.map(({ name, visibility, role }) => ({
      repository: { name: withoutNamespace(name), is_public: visibility === "public" },
      role,
    })),
    ...next,
  };
}

async function regenerate(asked: AskedOfRobot): Promise<RobotDocument> {
  const { context, actor } = asked;
  const { administration } = context.accounts;
  await regenerateRobotToken(administration, actor, placeOf(asked));
  return documentOf(await getRobot(administration, actor, placeOf(asked)));
}

type RobotDocument = AnswerOf<typeof endpoints.getOrgRobot>;

function documentOf(robot: Robot): RobotDocument {
  const { lastUsedAt, expiresAt, token } = robot;
  return {
    name: robot.name,
    created: mailDate(robot.createdAt),
    last_accessed: lastUsedAt === null ? null : mailDate(lastUsedAt),
    description: robot.description,
    expiration: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    ...(token === undefined ? {} : { token }),
    unstructured_metadata: robot.metadata,
  };
}

function grantsOf({ grants }: Robot): object {
  if (grants === undefined) return {};
  return {
    teams: grants.teams.map((name) => ({ name, avatar: avatarOf(name, "team") })),
    repositories: [...grants.repositories],
  };
}
