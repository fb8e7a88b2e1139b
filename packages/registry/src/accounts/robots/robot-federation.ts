// Long because it is one thing: whom a robot trusts.
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findAccountByName, lockAccount } from "../account-store.ts";
import type { Actor } from "../admin/actor.ts";
import { unknownAccount } from "../admin/administration.ts";
import type { Administration, AdministrationConfig } from "../admin/administration.ts";
import { checkedName, needRobotNamespace } from "../admin/robots.ts";
import type { RobotPlace } from "../admin/robots.ts";
import { deleteExchangesExcept, listFederations, replaceFederations } from "./federation-store.ts";
import type { FederationRow } from "./federation-store.ts";

/** Whose OIDC tokens are taken in exchange for a robot's. */
export interface FederatedIdentity {
  /** URL, exactly as `iss` of the tokens says it. */
  readonly issuer: string;
  /** `sub`, exactly. */
  readonly subject: string;
  /** `aud`; undefined: the registry's own. */
  readonly audience?: string | undefined;
}

/** @throws {RegistryError} `DENIED`; `PARAMETER_INVALID` */
export async function listFederatedIdentities(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
): Promise<FederatedIdentity[]> {
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const name = checkedName(namespace, place.short);
  const { read } = administration.database;
  const robot = await findAccountByName(read, name);
  if (robot?.kind !== "robot") throw unknownAccount(name, ["robot"]);
  return (await listFederations(read, robot.id)).map(identityOf);
}

/**
 * Says whose tokens are taken, in place of what was said before; none: nobody's. Tokens that were exchanged for those
 * of others are revoked.
 *
 * @throws {RegistryError} `DENIED`; `PARAMETER_INVALID` naming the field
 */
export async function setFederatedIdentities(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
  identities: readonly FederatedIdentity[],
): Promise<void> {
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const name = checkedName(namespace, place.short);
  const { database, now, config } = administration;
  checkIdentities(identities, config);
  await database.transaction(async (trx) => {
    const robot = await lockAccount(trx, name, database.dialect);
    if (robot?.kind !== "robot") throw unknownAccount(name, ["robot"]);
    await replaceFederations(trx, robot.id, identities.map(rowOf));
    await deleteExchangesExcept(trx, robot.id, identities.map(titleOfExchange));
    const isEnd = identities.length === 0;
    const kind = isEnd ? "delete_robot_federation" : "create_robot_federation";
    const metadata = { robot: place.short, ...(isEnd ? {} : { config: identities }) };
    await recordAudit(trx, actor, { kind, namespace, metadata }, now());
  });
}

/** What a token that was exchanged is called; of the same identity always the same. */
export function titleOfExchange({
  issuer,
  subject,
}: Pick<FederatedIdentity, "issuer" | "subject">): string {
  return `${subject} of ${issuer}`;
}

/**
 * What the tokens of an identity must be made for. The address that a client used never counts: whoever sends the
 * request chooses it.
 */
export function audienceOf(
  { audience }: Pick<FederatedIdentity, "audience">,
  { accounts, server }: Pick<AdministrationConfig, "accounts" | "server">,
): string | undefined {
  return audience ?? accounts.federationAudience ?? server.url;
}

function checkIdentities(
  identities: readonly FederatedIdentity[],
  config: AdministrationConfig,
): void {
  const seen = new Set<string>();
  for (const [place, identity] of identities.entries()) {
    const { issuer, subject } = identity;
    const wrong = wrongIssuer(issuer, config.network.allowPlainHttp);
    if (wrong !== undefined) throw invalid(`${place}.issuer`, wrong);
    if (audienceOf(identity, config) === undefined) {
      throw invalid(
        `${place}.audience`,
        "is needed, as the configuration has neither accounts.federationAudience nor server.url",
      );
    }
    const key = JSON.stringify([issuer, subject, identity.audience]);
    if (seen.has(key)) throw invalid(`${place}.subject`, "is there twice for the same issuer");
    seen.add(key);
  }
}

/** OpenID Connect Discovery 1.0, 4.1: an https URL without query and fragment. */
function wrongIssuer(issuer: string, allowPlainHttp: boolean): string | undefined {
  const url = URL.parse(issuer);
  if (url === null || !/^https?:\/\//.test(issuer)) return "must be an https:// URL";
  if (url.protocol === "http:" && !allowPlainHttp) {
    return "must begin with https://, unless network.allowPlainHttp is on";
  }
  if (/[?#\s]/.test(issuer) || url.username !== "" || url.password !== "") {
    return "must have no user, query and fragment";
  }
  return undefined;
}

function invalid(field: string, rule: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field} ${rule}`, { detail: { field } });
}

function identityOf({ issuer, subject, audience }: FederationRow): FederatedIdentity {
  return { issuer, subject, ...(audience === null ? {} : { audience }) };
}

function rowOf({ issuer, subject, audience }: FederatedIdentity): FederationRow {
  return { issuer, subject, audience: audience ?? null };
}
