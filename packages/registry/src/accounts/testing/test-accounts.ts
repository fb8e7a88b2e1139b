import assert from "node:assert/strict";
import type { Config } from "../../config/config.ts";
import type { Database } from "../../database/database.ts";
import { parseRepositoryName } from "../../repositories/repository-name.ts";
import type { Repository } from "../../repositories/repository.ts";
import { createRepositoryByPush } from "../../repositories/create-repository.ts";
import { Accounts } from "../accounts.ts";
import { OPERATOR } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { createOrganization } from "../admin/organizations.ts";
import { insertAccount } from "../account-store.ts";
import type { Caller } from "../caller.ts";
import type { AccountPrincipal } from "../principal.ts";

/** A clock that stands still until it is set. */
export interface TestClock {
  now: number;
}

export interface TestAccounts {
  readonly accounts: Accounts;
  readonly administration: Administration;
  readonly clock: TestClock;
}

/** Where tests begin: 2026-11-21 12:00 UTC. */
const START = 1_795_262_400_000;

const DAY = 86_400_000;

/** Configuration that tests begin with. */
export const ACCOUNTS_CONFIG: Config["accounts"] = {
  adminName: "admin",
  adminPassword: undefined,
  tokenLifetime: 300_000,
  anonymousAccess: true,
  failuresPerMinute: 5,
  sessionLifetime: 14 * 86_400_000,
  freshLoginTimeout: 600_000,
  secretKey: undefined,
  robots: true,
  federationAudience: undefined,
  oauthTokenLifetime: 365 * DAY,
  registration: "off",
  verifyEmail: false,
  initialize: false,
  auditSignIns: "successes",
  teamSyncByAdmins: false,
  organizationCreation: "users",
  teamInvitations: false,
};

/** Accounts on a database, with a clock of the test's own. */
export function testAccounts(
  database: Database,
  options: {
    readonly accounts?: Partial<Config["accounts"]>;
    readonly url?: string;
    readonly clock?: TestClock;
  } = {},
): TestAccounts {
  const clock = options.clock ?? { now: START };
  const accounts = new Accounts({
    database,
    config: {
      accounts: { ...ACCOUNTS_CONFIG, ...options.accounts },
      server: { url: options.url },
      mail: undefined,
      network: { allowPrivateAddresses: true, allowPlainHttp: true, allowedNetworks: [] },
      oidc: [],
      ldap: undefined,
      collection: { tagExpiration: 14 * DAY, tagExpirationChoices: [0, DAY, 14 * DAY] },
      registry: { createdByPush: "private", defaultQuota: undefined },
    },
    now: () => clock.now,
  });
  return { accounts, administration: accounts.administration, clock };
}

/** A request as far as accounts look at it. */
export function callerWith(
  authorization: string | undefined,
  options: { readonly address?: string; readonly path?: string; readonly origin?: string } = {},
): Caller {
  return {
    path: options.path ?? "/v2/",
    address: options.address ?? "192.0.2.1",
    origin: options.origin ?? "https://registry.test",
    header: (name) => (name === "authorization" ? authorization : undefined),
  };
}

/** The value of a Basic `Authorization` header. */
export function basic(user: string, secret: string): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
}

/** The password of everybody that {@link addUser} makes. */
export const PASSWORD = "correct horse";

/** Hashed once: it takes its time. */
let passwordHash: Promise<string> | undefined;

/** A user with {@link PASSWORD}, as if logged in. */
export async function addUser(
  { administration }: TestAccounts,
  name: string,
  options: { readonly superuser?: boolean } = {},
): Promise<AccountPrincipal> {
  const { superuser = false } = options;
  const { database, passwordHashes, now } = administration;
  const hash = await (passwordHash ??= passwordHashes.hash(PASSWORD));
  const account = { kind: "user", name, passwordHash: hash, superuser, createdAt: now() } as const;
  const id = await database.transaction((trx) => insertAccount(trx, account));
  assert(id !== undefined, `${name} is taken`);
  return { kind: "account", accountId: id, name, isRobot: false, isSuperuser: superuser };
}

/** An organization whose owner is a user. */
export async function addOrganization(
  { administration }: TestAccounts,
  name: string,
  owner: string,
): Promise<{ readonly id: number }> {
  return createOrganization(administration, OPERATOR, { name, owner });
}

/** A repository, pushed by somebody who may. */
export async function addRepository(
  { administration }: TestAccounts,
  pusher: AccountPrincipal,
  name: string,
  visibility: Repository["visibility"] = "private",
): Promise<Repository> {
  const { database, permissions } = administration;
  return createRepositoryByPush(
    { database, permissions, visibility },
    callerWith(undefined),
    pusher,
    parseRepositoryName(name),
  );
}
