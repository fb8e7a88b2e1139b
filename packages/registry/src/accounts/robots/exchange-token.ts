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

/** What the exchange works with. */
export interface ExchangeParts {
  readonly administration: Administration;
  readonly issuerKeys: IssuerKeys;
  readonly failures: FailureThrottle;
}

/**
 * Exchanges the OIDC token of a CI for a password of the robot that trusts it (RFC 8693 in spirit, Quay's path).
 *
 * @param shown.robot full name
 * @param shown.token a JWT
 * @returns the reason as text when it is refused; it does not tell whether there is such a robot
 * @throws {RegistryError} `TOOMANYREQUESTS`; `UNAVAILABLE` when the keys of the issuer cannot be had
 */
export async function exchangeToken(
  parts: ExchangeParts,
  shown: { readonly robot: string; readonly token: string },
  from: Origin,
): Promise<ExchangedToken | string> {
  const { now } = parts.administration;
  const key = `federation-from:${addressGroup(from.address)}`;
  const wait = parts.failures.wait(key, now());
  if (wait > 0) throw tooManyFailures(wait);
  const exchanged = await exchange(parts, shown, from);
  if (typeof exchanged === "string") parts.failures.fail(key, now());
  return exchanged;
}

async function exchange(
  { administration, issuerKeys }: ExchangeParts,
  shown: { readonly robot: string; readonly token: string },
  from: Origin,
): Promise<ExchangedToken | string> {
  const { database, now, config } = administration;
  const claimed = readClaimedIdentity(shown.token);
  if (claimed === undefined) return "the password must be an OIDC token with iss and sub";
  const isName = /^[a-z0-9._+-]{1,511}$/.test(shown.robot) && config.accounts.robots;
  const robot = isName ? await findFederatedRobot(database.read, shown.robot) : undefined;
  if (robot === undefined || (robot.expires_at ?? Infinity) <= now()) return nobody(claimed);
  const trusted = (await listFederations(database.read, robot.id)).filter(
    ({ issuer, subject }) => issuer === claimed.issuer && subject === claimed.subject,
  );
  const audiences = trusted.flatMap(
    ({ audience }) => audienceOf({ audience: audience ?? undefined }, config) ?? [],
  );
  // Nobody is asked for keys who was not named by an administrator of the robot.
  if (audiences.length === 0) return nobody(claimed);
  const refusal = await verify(issuerKeys, shown.token, { ...claimed, audiences }, now());
  if (refusal !== undefined) return `the OIDC token is not taken: ${refusal}`;

  const token = makeSecret();
  const title = titleOfExchange(claimed);
  const createdAt = now();
  const expiresAt = Math.min(createdAt + LIFE, robot.expires_at ?? Infinity);
  const actor: AccountPrincipal = {
    kind: "account",
    accountId: robot.id,
    name: robot.name,
    isRobot: true,
    isSuperuser: false,
    shown: { kind: "federation", title },
    from,
  };
  const isMade = await database.transaction(async (trx) => {
    const locked = await lockAccount(trx, robot.name, database.dialect);
    if (locked?.id !== robot.id) return false; // deleted meanwhile
    const stillTrusted = await listFederations(trx, robot.id);
    if (!stillTrusted.some((one) => titleOfExchange(one) === title)) return false;
    await deleteExpiredExchanges(trx, robot.id, createdAt);
    const secretHash = hashSecret(token);
    const accountId = robot.id;
    await insertCredential(trx, {
      ...{ kind: "federation", accountId, title, secretHash, createdAt, expiresAt },
    });
    const deed = {
      kind: "federated_robot_token_exchange",
      namespace: { id: robot.namespace_id, name: robot.namespace },
      metadata: { robot: robot.name.slice(robot.namespace.length + 1), ...claimed },
    } as const;
    await recordAudit(trx, actor, deed, createdAt);
    return true;
  });
  return isMade ? { token, expiresAt } : nobody(claimed);
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

function nobody({ issuer, subject }: ClaimedIdentity): string {
  const shown = (text: string): string => text.slice(0, 255);
  return `no such robot trusts ${shown(subject)} of ${shown(issuer)}`;
}
