// Long because it is one thing: how tokens of a robot come and go.
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findAccountByName, lockAccount } from "../account-store.ts";
import { unknownAccount } from "../admin/administration.ts";
import type { Administration } from "../admin/administration.ts";
import type { Actor } from "../admin/actor.ts";
import { checkedName, expectToCome, needRobotNamespace } from "../admin/robots.ts";
import type { RobotPlace } from "../admin/robots.ts";
import { insertCredential } from "../credential-store.ts";
import { principalName } from "../principal.ts";
import { makeCredential, openCredential } from "../sealed-credential.ts";
import { deleteRobotTokenByUuid, listTokensOfRobots } from "./robot-token-store.ts";
import type { RobotTokenRow } from "./robot-token-store.ts";

/** A robot cannot have more tokens of its own. */
const MOST_TOKENS = 32;

/** A token of a robot; times are milliseconds since 1970. */
export interface ListedRobotToken {
  readonly uuid: string;
  readonly title: string;
  /** Undefined: it cannot be shown again. */
  readonly token: string | undefined;
  readonly createdAt: number;
  readonly createdBy: string | null;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
}

/** Oldest first, with those that have expired. @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`, 404 */
export async function listRobotTokens(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
): Promise<ListedRobotToken[]> {
  const { read } = administration.database;
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const name = checkedName(namespace, place.short);
  const robot = await findAccountByName(read, name);
  if (robot?.kind !== "robot") throw unknownAccount(name, ["robot"]);
  const rows = await listTokensOfRobots(read, [robot.id]);
  return Promise.all(rows.map((row) => shown(administration, row)));
}

/**
 * One more token beside those that the robot has, so that it can be changed without a break.
 *
 * @param token.expiresAt milliseconds since 1970; undefined: it does not expire
 * @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`; `CONFLICT` when there are too many
 */
export async function createRobotToken(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
  token: { readonly title: string; readonly expiresAt?: number | undefined },
): Promise<ListedRobotToken> {
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const { database, now, sealedSecrets } = administration;
  const name = checkedName(namespace, place.short);
  const { title, expiresAt } = token;
  if (expiresAt !== undefined) expectToCome(expiresAt, now());
  const { secret, ...hidden } = await makeCredential(sealedSecrets);
  const createdBy = actor.kind === "operator" ? undefined : principalName(actor);
  const createdAt = now();
  await database.transaction(async (trx) => {
    const robot = await lockAccount(trx, name, database.dialect);
    if (robot?.kind !== "robot") throw unknownAccount(name, ["robot"]);
    const tokens = await listTokensOfRobots(trx, [robot.id]);
    if (tokens.length >= MOST_TOKENS) {
      throw new RegistryError(
        "CONFLICT",
        `a robot has at most ${MOST_TOKENS} tokens; revoke one first`,
        { status: 400, detail: { name } },
      );
    }
    await insertCredential(trx, {
      ...hidden,
      kind: "robot",
      accountId: robot.id,
      title,
      createdAt,
      createdBy,
      expiresAt,
    });
    const metadata = { robot: place.short, title, token_uuid: hidden.uuid };
    await recordAudit(trx, actor, { kind: "create_robot_token", namespace, metadata }, createdAt);
  });
  return {
    uuid: hidden.uuid,
    title,
    token: secret,
    createdAt,
    createdBy: createdBy ?? null,
    expiresAt: expiresAt ?? null,
    lastUsedAt: null,
    lastUsedFrom: null,
  };
}

/** It is worth nothing from now on. @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`; `NOT_FOUND` */
export async function deleteRobotToken(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
  uuid: string,
): Promise<void> {
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const { database, now } = administration;
  const name = checkedName(namespace, place.short);
  await database.transaction(async (trx) => {
    const robot = await lockAccount(trx, name, database.dialect);
    if (robot?.kind !== "robot") throw unknownAccount(name, ["robot"]);
    const title = await deleteRobotTokenByUuid(trx, robot.id, uuid);
    if (title === undefined) {
      throw new RegistryError("NOT_FOUND", `${name} has no token ${uuid.slice(0, 64)}`);
    }
    const metadata = { robot: place.short, title, token_uuid: uuid };
    await recordAudit(trx, actor, { kind: "revoke_robot_token", namespace, metadata }, now());
  });
}

async function shown(
  { sealedSecrets }: Administration,
  row: RobotTokenRow,
): Promise<ListedRobotToken> {
  return {
    uuid: row.uuid,
    title: row.title,
    token: await openCredential(sealedSecrets, row),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    lastUsedFrom: row.last_used_from,
  };
}
