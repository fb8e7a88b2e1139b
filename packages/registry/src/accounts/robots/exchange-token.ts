// Long because it is one thing: the way of a CI's token to a token of ours.
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { lockAccount } from "../account-store.ts";
import type { Administration } from "../admin/administration.ts";
import { insertCredential } from "../credential-store.ts";
import { addressGroup } from "../failure-throttle.ts";
import type { FailureThrottle } from "../failure-throttle.ts";
import { tooManyFailures } from "../password-logins.ts";
import type { AccountPrincipal, Origin } from "../principal.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import { findFederatedRobot, listFederations } from "./federation-store.ts";
import type { FederatedRobotRow } from "./federation-store.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import { audienceOf, titleOfExchange } from "./robot-federation.ts";
import { deleteExpiredExchanges } from "./robot-token-store.ts";
import { readClaimedIdentity, refusalOfToken } from "./verify-federated-token.ts";
import type { ClaimedIdentity } from "./verify-federated-token.ts";

/** How long a token that was exchanged is good, in milliseconds. */
const LIFE = 3_600_000;

export interface ExchangedToken {
  /** The robot's password until then. */
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the exchange works with; `Accounts` has it. */
export interface ExchangeParts {
  readonly administration: Administration;
  readonly issuerKeys: IssuerKeys;
  readonly failures: FailureThrottle;
}

/** What a CI shows. */
export interface ShownIdentity {
  /** Full name of the robot that trusts it. */
  readonly robot: string;
  /** Its OIDC token, a JWT. */
  readonly token: string;
}

/**
 * Exchanges the OIDC token of a CI for a password of the robot that trusts it.
 *
 * @returns the reason as text when it is refused; it does not tell whether there is such a robot
 * @throws {RegistryError} `TOOMANYREQUESTS`; `UNAVAILABLE` when the keys of the issuer cannot be had
 */
export async function exchangeToken(
  parts: ExchangeParts,
  shown: ShownIdentity,
  from: Origin,
): Promise<ExchangedToken | string> {
  const { administration, failures } = parts;
  const { now } = administration;
  const key = `federation-from:${addressGroup(from.address)}`;
  const wait = failures.wait(key, now());
  if (wait > 0) throw tooManyFailures(wait);
  const trusted = await findTrusted(parts, shown);
  const exchanged =
    typeof trusted === "string" ? trusted : await issue(administration, trusted, from);
  if (typeof exchanged === "string") failures.fail(key, now());
  return exchanged;
}

/** An identity that was verified, and the robot that trusts it. */
interface Trusted {
  readonly robot: FederatedRobotRow;
  readonly identity: ClaimedIdentity;
}

async function findTrusted(
  { administration, issuerKeys }: ExchangeParts,
  shown: ShownIdentity,
): Promise<Trusted | string> {
  const { database, now, config } = administration;
  const identity = readClaimedIdentity(shown.token);
  if (identity === undefined) return "the password must be an OIDC token with iss and sub";
  const isName = /^[a-z0-9._+-]{1,511}$/.test(shown.robot) && config.accounts.robots;
  const robot = isName ? await findFederatedRobot(database.read, shown.robot) : undefined;
  if (robot === undefined || endOf(robot) <= now()) return nobodyTrusts(identity);
  const audiences = (await listFederations(database.read, robot.id))
    .filter(({ issuer, subject }) => issuer === identity.issuer && subject === identity.subject)
    .flatMap(({ audience }) => audienceOf({ audience: audience ?? undefined }, config) ?? []);
  // Nobody is asked for keys whom no administrator of the robot has named.
  if (audiences.length === 0) return nobodyTrusts(identity);
  const expected = { ...identity, audiences };
  const refusal = await verify(issuerKeys, shown.token, expected, now());
  return refusal === undefined ? { robot, identity } : `the OIDC token is not taken: ${refusal}`;
}

async function verify(
  keys: IssuerKeys,
  token: string,
  expected: Parameters<typeof refusalOfToken>[2],
  now: number,
): Promise<string | undefined> {
  try {
    return await refusalOfToken(keys, token, expected, now);
  } catch (error) {
    throw new RegistryError("UNAVAILABLE", "the keys of the token's issuer cannot be had", {
      headers: { "Retry-After": "10" },
      cause: error,
    });
  }
}

async function issue(
  { database, now }: Administration,
  { robot, identity }: Trusted,
  from: Origin,
): Promise<ExchangedToken | string> {
  const token = makeSecret();
  const title = titleOfExchange(identity);
  const createdAt = now();
  const expiresAt = Math.min(createdAt + LIFE, endOf(robot));
  const actor: AccountPrincipal = {
    kind: "account",
    accountId: robot.id,
    name: robot.name,
    isRobot: true,
    isSuperuser: false,
    shown: { kind: "federation", title },
    from,
  };
  const isIssued = await database.transaction(async (trx) => {
    const locked = await lockAccount(trx, robot.name, database.dialect);
    if (locked?.id !== robot.id) return false; // deleted meanwhile
    const stillTrusted = await listFederations(trx, robot.id);
    if (!stillTrusted.some((one) => titleOfExchange(one) === title)) return false;
    await deleteExpiredExchanges(trx, robot.id, createdAt);
    await insertCredential(trx, {
      kind: "federation",
      accountId: robot.id,
      title,
      secretHash: hashSecret(token),
      createdAt,
      expiresAt,
    });
    const deed = {
      kind: "federated_robot_token_exchange",
      namespace: { id: robot.namespace_id, name: robot.namespace },
      metadata: { robot: robot.name.slice(robot.namespace.length + 1), ...identity },
    } as const;
    await recordAudit(trx, actor, deed, createdAt);
    return true;
  });
  return isIssued ? { token, expiresAt } : nobodyTrusts(identity);
}

function endOf({ expires_at: end }: FederatedRobotRow): number {
  return end ?? Number.POSITIVE_INFINITY;
}

function nobodyTrusts({ issuer, subject }: ClaimedIdentity): string {
  return `no such robot trusts ${subject.slice(0, 255)} of ${issuer.slice(0, 255)}`;
}
