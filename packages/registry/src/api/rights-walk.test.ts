// Long because it is one walk: every endpoint of the contract, asked by everybody there can be.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PEOPLE_SCOPES, RIGHTS, SCOPES } from "@wharf/contract";
import type { Endpoint, Right, Scope } from "@wharf/contract";
import { OPERATOR } from "../accounts/admin/actor.ts";
import { createApplicationToken, createOauthToken } from "../accounts/admin/access-secrets.ts";
import { findAccountByName } from "../accounts/account-store.ts";
import { findTeamByName, insertTeam, insertTeamMember } from "../accounts/team-store.ts";
import { ApiClient } from "../testing/api-client.ts";
import { smallImage } from "../testing/test-image.ts";
import { basic, everyRegistry } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";
import { ENDPOINTS } from "./routes/discovery.ts";
import type { RightsWorld, Sample } from "./testing/sample.ts";
import { SAMPLES } from "./testing/samples.ts";

/** Somebody who asks, and what they are in the world of the walk. */
interface Asker {
  readonly name: string;
  readonly client: ApiClient;
  readonly isAnonymous?: true;
  readonly isRobot?: true;
  readonly isSuperuser?: true;
  readonly isApplicationToken?: true;
  readonly repositoryRole?: "read" | "write" | "admin";
  readonly organizationRole?: "member" | "creator" | "admin";
  readonly isTeamMember?: true;
  readonly scopes?: readonly Scope[];
}

test("every endpoint has a sample for the walk", () => {
  const missing = ENDPOINTS.filter(({ id }) => SAMPLES[id] === undefined).map(({ id }) => id);
  assert.deepEqual(missing, []);
  const known = new Set(ENDPOINTS.map(({ id }) => id));
  assert.deepEqual(
    Object.keys(SAMPLES).filter((id) => !known.has(id)),
    [],
  );
});

suite("the table of rights", () => {
  everyRegistry((start) => {
    test("everybody may do at every endpoint what it says, and nothing else", async () => {
      await using registry = await start({ config: { api: { requestsPerMinute: 1_000_000 } } });
      const world = await makeWorld(registry);
      const askers = await makeAskers(registry);
      const wrong: string[] = [];
      const isLast = ({ id }: Endpoint): boolean => SAMPLES[id]?.isLast === true;
      const order = [...ENDPOINTS.filter((one) => !isLast(one)), ...ENDPOINTS.filter(isLast)];
      for (const endpoint of order) {
        const sample = SAMPLES[endpoint.id];
        if (sample === undefined) continue;
        const path = typeof sample.path === "string" ? sample.path : await sample.path(world);
        for (const asker of askers) {
          const { outcome } = await asker.client.ask(endpoint.method, path, sample.body);
          const fault = faultOf(endpoint, sample, asker, outcome);
          if (fault !== undefined) wrong.push(`${endpoint.id} by ${asker.name}: ${fault}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  });
});

/** What is wrong with an outcome by the table; undefined: nothing. */
function faultOf(
  endpoint: Endpoint,
  sample: Sample,
  asker: Asker,
  outcome: string,
): string | undefined {
  const expected = refusalOf(endpoint, asker);
  if (expected !== undefined) {
    return outcome === expected ? undefined : `${outcome} in place of ${expected}`;
  }
  const isRefused = /^40[13] /.test(outcome) || outcome === "404 NAME_UNKNOWN";
  if (!isRefused || sample.granted.test(outcome)) return undefined;
  return `${outcome} in place of ${sample.granted.source}`;
}

/** By the table alone: how somebody is refused, or undefined for those who have the right. */
function refusalOf({ right, path }: Endpoint, asker: Asker): string | undefined {
  const row: Right = RIGHTS[right];
  if (row.role === "anybody") return undefined;
  if (asker.isAnonymous) return "401 UNAUTHORIZED";
  if (asker.isRobot && !row.robots) return "403 DENIED";
  const isForPeople = row.scope !== undefined && PEOPLE_SCOPES.has(row.scope);
  if (asker.isApplicationToken && isForPeople) return "403 DENIED";
  const { scopes } = asker;
  if (row.scope !== undefined && scopes !== undefined && !implied(scopes).has(row.scope)) {
    return "403 SCOPE_INSUFFICIENT";
  }
  const isSuperuser = asker.isSuperuser && (scopes === undefined || scopes.includes("super:user"));
  if (isSuperuser && scopes === undefined) return undefined;
  switch (row.resource) {
    case "registry":
      return row.role === "superuser" && !isSuperuser ? "403 DENIED" : undefined;
    case "repository": {
      if (asker.repositoryRole === undefined) return "404 NAME_UNKNOWN";
      return rank(asker.repositoryRole) >= rank(row.role) ? undefined : "403 DENIED";
    }
    case "organization": {
      // Everybody administrates their own namespace.
      if (!path.includes("{orgname}")) return undefined;
      const role = asker.organizationRole;
      return role !== undefined && rank(role) >= rank(row.role) ? undefined : "403 DENIED";
    }
    case "team":
      return asker.organizationRole === "admin" || asker.isTeamMember ? undefined : "403 DENIED";
  }
}

function rank(role: string): number {
  return ["read", "member", "write", "creator", "admin"].indexOf(role);
}

function implied(scopes: readonly Scope[]): ReadonlySet<Scope> {
  const all = new Set(scopes);
  if (all.has("repo:admin")) all.add("repo:write");
  if (all.has("repo:write")) all.add("repo:read");
  if (all.has("user:admin")) all.add("user:read");
  return all;
}

async function makeWorld(registry: TestRegistry): Promise<RightsWorld> {
  const image = smallImage();
  await registry.pushImage("team/app", "v1", image);
  const { digest } = image.manifest.descriptor;
  return { registry, digest };
}

async function makeAskers(registry: TestRegistry): Promise<Asker[]> {
  const user = async (name: string): Promise<ApiClient> => new ApiClient(await registry.user(name));
  const { database } = registry.administration;
  const askers: Asker[] = [
    { name: "nobody", client: new ApiClient(registry.client()), isAnonymous: true },
    { name: "a stranger", client: await user("alice") },
    { name: "a reader", client: await user("rita"), repositoryRole: "read" },
    { name: "a writer", client: await user("will"), repositoryRole: "write" },
    { name: "an admin of the repository", client: await user("ada"), repositoryRole: "admin" },
    {
      name: "a member",
      client: await user("carol"),
      organizationRole: "member",
      isTeamMember: true,
    },
    { name: "a creator", client: await user("chris"), organizationRole: "creator" },
    {
      name: "an owner",
      client: await user("olga"),
      organizationRole: "admin",
      repositoryRole: "admin",
    },
    {
      name: "a robot",
      client: new ApiClient(await registry.robot("bot")),
      isRobot: true,
      repositoryRole: "write",
    },
    {
      name: "a superuser",
      client: new ApiClient(registry.admin),
      isSuperuser: true,
      organizationRole: "admin",
      repositoryRole: "admin",
    },
  ];
  for (const [account, role] of [
    ["rita", "read"],
    ["will", "write"],
    ["ada", "admin"],
    ["team+bot", "write"],
  ] as const) {
    await registry.permit(account, "team/app", role);
  }
  await database.transaction(async (trx) => {
    const team = await findAccountByName(trx, "team");
    if (team === undefined) throw new Error("there is no organization");
    const join = async (teamId: number, name: string): Promise<void> => {
      const account = await findAccountByName(trx, name);
      if (account !== undefined) await insertTeamMember(trx, teamId, account.id);
    };
    const common = { organizationId: team.id, description: "" };
    await join(await insertTeam(trx, { ...common, name: "devs", role: "member" }), "carol");
    await join(await insertTeam(trx, { ...common, name: "makers", role: "creator" }), "chris");
    const owners = await findTeamByName(trx, team.id, "owners");
    if (owners !== undefined) await join(owners.id, "olga");
  });
  return [...askers, ...(await makeTokens(registry))];
}

/** Tokens of a superuser who owns the organization: what each scope alone gives. */
async function makeTokens(registry: TestRegistry): Promise<Asker[]> {
  const { secret: application } = await createApplicationToken(
    registry.administration,
    OPERATOR,
    "admin",
    { title: "laptop" },
  );
  const tokens: Asker[] = [
    {
      name: "an application token of a superuser",
      client: new ApiClient(registry.client(basic("$app", application))),
      isSuperuser: true,
      isApplicationToken: true,
      organizationRole: "admin",
      repositoryRole: "admin",
    },
  ];
  for (const scope of Object.keys(SCOPES) as Scope[]) {
    const { id, secret } = await createOauthToken(registry.administration, OPERATOR, "admin", {
      title: scope,
    });
    await registry.administration.database.transaction((trx) =>
      trx.updateTable("credentials").set({ scopes: scope }).where("id", "=", id).execute(),
    );
    const role = (["admin", "write", "read"] as const).find((one) => scope === `repo:${one}`);
    tokens.push({
      name: `a token for ${scope}`,
      client: new ApiClient(registry.client(basic("$oauthtoken", secret))),
      isSuperuser: true,
      organizationRole: "admin",
      scopes: [scope],
      ...(scope === "super:user" ? { repositoryRole: "admin" } : {}),
      ...(role === undefined ? {} : { repositoryRole: role }),
    });
  }
  return tokens;
}
