import type { Administration } from "../../accounts/admin/administration.ts";
import type { Principal } from "../../accounts/principal.ts";
import { namespaceOf } from "../repository-name.ts";
import { searchWords } from "../repository-terms.ts";
import {
  findAccounts,
  findKinds,
  findOwnOrganizations,
  findOwnRobots,
  findOwnTeams,
} from "./entity-search-store.ts";
import type { FoundTeam } from "./entity-search-store.ts";
import { searchVisible } from "./search-repositories.ts";
import type { FoundRepository } from "./search-repositories.ts";

/** Of each kind that are found, as in Quay. */
const MOST = 5;

/** What was found, the best first within each kind. */
export interface Findings {
  readonly repositories: readonly FoundRepository[];
  readonly users: readonly string[];
  readonly organizations: readonly string[];
  readonly teams: readonly FoundTeam[];
  /** Full names. */
  readonly robots: readonly string[];
}

/**
 * Some of everything that somebody may see: repositories by words; users, organizations, teams and robots by the
 * beginning of their names. Users are known to whoever is signed in; organizations to members, to superusers, and to
 * whoever sees one of their repositories; teams to members; robots to those who administrate them.
 */
export async function searchEverything(
  administration: Pick<Administration, "database" | "permissions" | "rights">,
  actor: Principal,
  text: string,
): Promise<Findings> {
  const [prefix] = searchWords(text);
  // No name has such characters, and PostgreSQL takes no NUL.
  if (prefix === undefined || /[\0\ud800-\udfff]/u.test(text)) return NOTHING;
  const repositories = await searchVisible(administration, actor, text);
  const namespaces = repositories.map(({ name }) => namespaceOf(name));
  const shown = namespaces.filter((name) => name.startsWith(prefix));
  const kinds = await findKinds(administration.database.read, [...new Set(shown)].slice(0, MOST));
  const known = await knownTo(administration, actor, prefix);
  const named = (kind: "user" | "organization"): string[] =>
    [...kinds].filter(([, found]) => found === kind).map(([name]) => name);
  return {
    ...known,
    repositories: repositories.slice(0, MOST),
    users: firstOf(named("user"), known.users),
    organizations: firstOf(named("organization"), known.organizations),
  };
}

const NOTHING: Findings = { repositories: [], users: [], organizations: [], teams: [], robots: [] };

function firstOf(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].slice(0, MOST);
}

/** What whoever is signed in knows besides repositories. */
async function knownTo(
  { database: { read }, rights }: Pick<Administration, "database" | "rights">,
  actor: Principal,
  prefix: string,
): Promise<Findings> {
  if (actor.kind !== "account" || actor.isRobot) return NOTHING;
  const { accountId } = actor;
  const users = await findAccounts(read, "user", prefix, MOST);
  if (!(await rights.has(actor, "self.read"))) return { ...NOTHING, users };
  return {
    repositories: [],
    users,
    organizations: actor.isSuperuser
      ? await findAccounts(read, "organization", prefix, MOST)
      : await findOwnOrganizations(read, accountId, prefix, MOST),
    teams: await findOwnTeams(read, accountId, prefix, MOST),
    robots: (await rights.has(actor, "self.admin"))
      ? await findOwnRobots(read, accountId, prefix, MOST)
      : [],
  };
}
