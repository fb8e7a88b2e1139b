// Long because it is one thing: robots as they are shown, one by one and in pages.
import type { Actor } from "../admin/actor.ts";
import { needAccount, unknownAccount } from "../admin/administration.ts";
import type { Administration } from "../admin/administration.ts";
import { checkedName, needRobotNamespace } from "../admin/robots.ts";
import type { RobotPlace } from "../admin/robots.ts";
import { openCredential } from "../sealed-credential.ts";
import {
  findRepositoriesOfRobots,
  findRobot,
  findTeamsOfRobots,
  listPermissionsOfRobot,
  listRobotsOf,
} from "./robot-store.ts";
import type { RobotPermissionRow, RobotRow } from "./robot-store.ts";
import { listTokensOfRobots } from "./robot-token-store.ts";
import type { RobotTokenRow } from "./robot-token-store.ts";

/** Names of repositories that a page of robots has at most. */
const MOST_REPOSITORIES = 10_000;

/** A robot; times are milliseconds since 1970. */
export interface Robot {
  /** `namespace+short` */
  readonly name: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly expiresAt: number | null;
  /** Of several the one that lasts longest. Null: it cannot be shown again. Undefined: not for the actor. */
  readonly token: string | null | undefined;
  /** Undefined: not asked for, or not for the actor. */
  readonly grants:
    | { readonly teams: readonly string[]; readonly repositories: readonly string[] }
    | undefined;
}

/** @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`, 404 when there is no such robot */
export async function getRobot(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
): Promise<Robot> {
  const robot = await needRobot(administration, actor, place);
  const tokens = await tokensOf(administration, [robot]);
  return robotOf(robot, tokens.get(robot.id) ?? null, undefined);
}

/**
 * One page, by name. Whoever is only a member of the organization sees no tokens and grants.
 *
 * @param page.after full name
 * @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`, 404 when there is no such namespace
 */
export async function listRobotsOfNamespace(
  administration: Administration,
  actor: Actor,
  name: string,
  page: {
    readonly after: string | undefined;
    readonly limit: number;
    readonly withTokens: boolean;
    readonly withGrants: boolean;
  },
): Promise<Robot[]> {
  const { database, rights, permissions } = administration;
  const namespace = await needAccount(administration, name, ["user", "organization"]);
  const right = namespace.kind === "user" ? "self.namespace" : "organization.read";
  await rights.require(actor, right, { organization: namespace });
  const isAdmin =
    actor.kind === "operator" || (await permissions.isNamespaceAdmin(actor, namespace));
  const robots = await listRobotsOf(database.read, namespace.name, page);
  const tokens = isAdmin && page.withTokens ? await tokensOf(administration, robots) : undefined;
  const grants = isAdmin && page.withGrants ? await grantsOf(administration, robots) : undefined;
  return robots.map((robot) =>
    robotOf(
      robot,
      tokens === undefined ? undefined : (tokens.get(robot.id) ?? null),
      grants?.get(robot.id),
    ),
  );
}

/**
 * One page of the roles that a robot was given on repositories, those of its teams not among them.
 *
 * @param page.after id of the repository
 * @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`, 404 when there is no such robot
 */
export async function listRobotPermissions(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
  page: { readonly after: number; readonly limit: number },
): Promise<RobotPermissionRow[]> {
  const { id } = await needRobot(administration, actor, place);
  return listPermissionsOfRobot(administration.database.read, id, page);
}

async function needRobot(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
): Promise<RobotRow> {
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const name = checkedName(namespace, place.short);
  const robot = await findRobot(administration.database.read, name);
  if (robot === undefined) throw unknownAccount(name, ["robot"]);
  return robot;
}

/** The token to show by robot. */
async function tokensOf(
  { database, sealedSecrets, now }: Administration,
  robots: readonly RobotRow[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await listTokensOfRobots(
    database.read,
    robots.map(({ id }) => id),
  );
  const chosen = new Map<number, RobotTokenRow>();
  for (const row of rows) {
    const { account_id: robot, expires_at: end } = row;
    if (robot === null || (end !== null && end <= now())) continue;
    const before = chosen.get(robot);
    // Oldest first, so of two that last as long the newer one stays.
    if (before === undefined || lasts(row) >= lasts(before)) chosen.set(robot, row);
  }
  const shown = new Map<number, string>();
  for (const [robot, row] of chosen) {
    const token = await openCredential(sealedSecrets, row);
    if (token !== undefined) shown.set(robot, token);
  }
  return shown;
}

function lasts({ expires_at: end }: RobotTokenRow): number {
  return end ?? Number.POSITIVE_INFINITY;
}

async function grantsOf(
  { database }: Administration,
  robots: readonly RobotRow[],
): Promise<ReadonlyMap<number, { readonly teams: string[]; readonly repositories: string[] }>> {
  const ids = robots.map(({ id }) => id);
  const grants = new Map(
    ids.map((id) => [id, { teams: [] as string[], repositories: [] as string[] }]),
  );
  for (const { account_id: id, name } of await findTeamsOfRobots(database.read, ids)) {
    grants.get(id)?.teams.push(name);
  }
  const found = await findRepositoriesOfRobots(database.read, ids, MOST_REPOSITORIES);
  for (const { account_id: id, name } of found) {
    grants.get(id)?.repositories.push(withoutNamespace(name));
  }
  for (const { repositories } of grants.values()) repositories.sort();
  return grants;
}

/** `team/app/worker` → `app/worker`: a robot's repositories are all of its namespace. */
export function withoutNamespace(repository: string): string {
  return repository.slice(repository.indexOf("/") + 1);
}

function robotOf(row: RobotRow, token: Robot["token"], grants: Robot["grants"]): Robot {
  return {
    name: row.name,
    description: row.description,
    metadata: row.metadata === null ? {} : (JSON.parse(row.metadata) as Record<string, unknown>), // written by us alone
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    token,
    grants,
  };
}
