import { findAccountByName } from "./account-store.ts";
import type { AccountRow } from "./account-store.ts";
import type { Actor } from "./admin/actor.ts";
import type { Administration } from "./admin/administration.ts";
import { findRobotsByPrefix, findTeamsByPrefix, findUsersByPrefix } from "./entity-store.ts";
import { findMembersAmong } from "./organizations/organization-store.ts";

/** Entities of each kind that are found. */
const MOST = 10;

/** Something that can be given a role. */
export interface Entity {
  readonly name: string;
  readonly kind: "user" | "robot" | "team" | "organization";
  /** Of the organization that was named; undefined where none was. */
  readonly isMember: boolean | undefined;
}

export interface EntitySearch {
  readonly prefix: string;
  /** Whose robots and teams are found as well, where the actor is a member, or it is theirs. */
  readonly namespace?: string | undefined;
  readonly teams: boolean;
  readonly robots: boolean;
  readonly organizations: boolean;
}

/**
 * Users, robots, teams and organizations by the beginning of their names, {@link MOST} of each; robots by the beginning
 * of their short name as well. What is called exactly so comes first of its kind.
 *
 * @throws {RegistryError} `UNAUTHORIZED` for anonymous
 */
export async function findEntities(
  administration: Administration,
  actor: Actor,
  search: EntitySearch,
): Promise<Entity[]> {
  const { database, rights } = administration;
  await rights.require(actor, "account");
  const prefix = search.prefix.toLowerCase().replaceAll(" ", "");
  // No name has other characters.
  if (!/^[a-z0-9._+-]{1,511}$/.test(prefix)) return [];
  const namespace = await findNamespace(administration, actor, search.namespace);
  const isOrganization = namespace?.kind === "organization";
  const found: Entity[] = [];
  if (isOrganization && search.teams) {
    const teams = await findTeamsByPrefix(database.read, namespace.id, prefix, MOST);
    found.push(...teams.map(({ name }) => ({ name, kind: "team" as const, isMember: true })));
  }
  const users = await findUsersByPrefix(database.read, prefix, MOST);
  const members = isOrganization
    ? await findMembersAmong(
        database.read,
        namespace.id,
        users.map(({ id }) => id),
      )
    : undefined;
  found.push(
    ...users.map(({ id, name }) => ({ name, kind: "user" as const, isMember: members?.has(id) })),
  );
  if (namespace !== undefined && search.robots) {
    found.push(...(await findRobots(administration, namespace, prefix)));
  }
  if (isOrganization && search.organizations && namespace.name.startsWith(prefix)) {
    found.push({ name: namespace.name, kind: "organization", isMember: true });
  }
  return found;
}

/** Undefined: none was named, or none whose people and robots the actor may know. */
async function findNamespace(
  { database, rights }: Administration,
  actor: Actor,
  name: string | undefined,
): Promise<AccountRow | undefined> {
  if (name === undefined || !/^[a-z0-9._-]{1,255}$/.test(name)) return undefined;
  const account = await findAccountByName(database.read, name);
  if (account === undefined || account.kind === "robot") return undefined;
  const isTheirs = await rights.has(actor, "organization.read", { organization: account });
  return isTheirs ? account : undefined;
}

async function findRobots(
  { database }: Administration,
  namespace: AccountRow,
  prefix: string,
): Promise<Entity[]> {
  const names = new Set<string>();
  for (const begin of beginningsOf(namespace.name, prefix)) {
    const robots = await findRobotsByPrefix(database.read, begin, MOST);
    for (const { name } of robots) names.add(name);
  }
  const isMember = namespace.kind === "organization" ? true : undefined;
  return [...names].slice(0, MOST).map((name) => ({ name, kind: "robot" as const, isMember }));
}

/** Of the full names of a namespace's robots that a prefix may mean: a short name, or a full one. */
function beginningsOf(namespace: string, prefix: string): string[] {
  const all = `${namespace}+`;
  if (prefix.includes("+")) return prefix.startsWith(all) ? [prefix] : [];
  return namespace.startsWith(prefix) ? [all + prefix, all] : [all + prefix];
}
