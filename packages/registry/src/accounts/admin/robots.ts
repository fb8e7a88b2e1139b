// Long because it is one thing: how robots come, change and go.
import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { checkRobotName, robotName } from "../account-name.ts";
import { insertAccount, listAccounts, lockAccount, removeAccount } from "../account-store.ts";
import type { AccountRow, ListedAccount } from "../account-store.ts";
import { insertCredential, removeCredentialsOf } from "../credential-store.ts";
import { principalName } from "../principal.ts";
import { updateRobot } from "../robots/robot-store.ts";
import { makeCredential } from "../sealed-credential.ts";
import type { NewCredential } from "../sealed-credential.ts";
import type { Actor } from "./actor.ts";
import { nameTaken, needAccount, unknownAccount } from "./administration.ts";
import type { Administration, NamePage } from "./administration.ts";

/** Which robot: `namespace+short`. */
export interface RobotPlace {
  /** Name of a user or organization. */
  readonly namespace: string;
  readonly short: string;
}

/** What can be said of a robot. */
export interface RobotSettings {
  readonly description?: string | undefined;
  /** For the automation that made it. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds since 1970; null: it does not expire. */
  readonly expiresAt?: number | null | undefined;
}

export interface RobotToken {
  /** `namespace+short`, the user of logins. */
  readonly name: string;
  /** Stored as a hash, and encrypted so that it can be shown again. */
  readonly token: string;
}

/** @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`, 409 when the name is taken */
export async function createRobot(
  administration: Administration,
  actor: Actor,
  { namespace, short, ...settings }: RobotPlace & RobotSettings,
): Promise<RobotToken> {
  const { token, isNew } = await put(administration, actor, { namespace, short }, settings, true);
  const name = robotName(namespace, short);
  if (!isNew) throw nameTaken(name);
  return { name, token };
}

/**
 * Creates a robot, or changes the one that is there: what is left out stays as it is.
 *
 * @returns whether it is new
 * @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`
 */
export async function putRobot(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
  settings: RobotSettings,
): Promise<boolean> {
  const { isNew } = await put(administration, actor, place, settings, false);
  return isNew;
}

/** All the tokens it had, exchanged ones included, are worth nothing from now on. */
export async function regenerateRobotToken(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
): Promise<RobotToken> {
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const { database, now } = administration;
  const name = checkedName(namespace, place.short);
  const made = await makeCredential(administration.sealedSecrets);
  await database.transaction(async (trx) => {
    const account = await lockAccount(trx, name, database.dialect);
    if (account?.kind !== "robot") throw unknownAccount(name, ["robot"]);
    await removeCredentialsOf(trx, account.id, "robot");
    await removeCredentialsOf(trx, account.id, "federation");
    await insertCredential(trx, robotCredential(account.id, made, actor, now()));
    const metadata = { robot: place.short };
    await recordAudit(trx, actor, { kind: "regenerate_robot_token", namespace, metadata }, now());
  });
  return { name, token: made.secret };
}

/** Its tokens, permissions, memberships and default permissions go with it. */
export async function deleteRobot(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
): Promise<void> {
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const { database, now } = administration;
  const name = checkedName(namespace, place.short);
  await database.transaction(async (trx) => {
    const account = await lockAccount(trx, name, database.dialect);
    if (account?.kind !== "robot") throw unknownAccount(name, ["robot"]);
    await removeAccount(trx, account.id);
    const metadata = { robot: place.short };
    await recordAudit(trx, actor, { kind: "delete_robot", namespace, metadata }, now());
  });
}

/** By name. */
export async function listRobots(
  administration: Administration,
  actor: Actor,
  namespace: string,
  page: NamePage,
): Promise<ListedAccount[]> {
  const { id } = await needRobotNamespace(administration, actor, namespace);
  const { after = "", limit } = page;
  return listAccounts(administration.database.read, {
    kind: "robot",
    namespaceId: id,
    after,
    limit,
  });
}

/** The permission check of what is done with robots, with the namespace that it needs. */
export async function needRobotNamespace(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<AccountRow> {
  const namespace = await needAccount(administration, name, ["user", "organization"]);
  const right = namespace.kind === "user" ? "self.namespace" : "organization.admin";
  await administration.rights.require(actor, right, { organization: namespace });
  return namespace;
}

/** The full name of a robot. @throws {RegistryError} `PARAMETER_INVALID` for what cannot be one */
export function checkedName(namespace: AccountRow, short: string): string {
  checkRobotName(short);
  return robotName(namespace.name, short);
}

async function put(
  administration: Administration,
  actor: Actor,
  place: RobotPlace,
  settings: RobotSettings,
  onlyNew: boolean,
): Promise<{ readonly isNew: boolean; readonly token: string }> {
  const namespace = await needRobotNamespace(administration, actor, place.namespace);
  const { database, now, sealedSecrets } = administration;
  const name = checkedName(namespace, place.short);
  checkSettings(settings, now());
  const made = await makeCredential(sealedSecrets);
  const isNew = await database.transaction(async (trx) => {
    const found = await lockAccount(trx, name, database.dialect);
    const id =
      found === undefined ? await insertRobot(administration, trx, namespace, name) : undefined;
    if (id !== undefined) {
      await updateRobot(trx, id, changesOf(settings));
      await insertCredential(trx, robotCredential(id, made, actor, now()));
      await recordAudit(trx, actor, deedOf("create_robot", namespace, place, settings), now());
      return true;
    }
    if (onlyNew) return false;
    // Another one may have made it just now.
    const robot = found ?? (await lockAccount(trx, name, database.dialect));
    if (robot === undefined) throw nameTaken(name);
    await updateRobot(trx, robot.id, changesOf(settings));
    await recordAudit(trx, actor, deedOf("change_robot", namespace, place, settings), now());
    return false;
  });
  return { isNew, token: made.secret };
}

/** @returns undefined when the name is taken */
async function insertRobot(
  { config, now }: Administration,
  trx: Transaction<Tables>,
  namespace: AccountRow,
  name: string,
): Promise<number | undefined> {
  if (!config.accounts.robots) {
    throw new RegistryError("DENIED", "robots are turned off (accounts.robots)");
  }
  const createdAt = now();
  return insertAccount(trx, { kind: "robot", name, namespaceId: namespace.id, createdAt });
}

function changesOf(settings: RobotSettings): Parameters<typeof updateRobot>[2] {
  const { description, metadata, expiresAt } = settings;
  return {
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  };
}

function deedOf(
  kind: "create_robot" | "change_robot",
  namespace: AccountRow,
  { short }: RobotPlace,
  { description, expiresAt }: RobotSettings,
): Parameters<typeof recordAudit>[2] {
  const expiration = typeof expiresAt === "number" ? new Date(expiresAt).toISOString() : expiresAt;
  return { kind, namespace, metadata: { robot: short, description, expiration } };
}

function robotCredential(
  accountId: number,
  { uuid, secretHash, sealed }: NewCredential,
  actor: Actor,
  createdAt: number,
): Parameters<typeof insertCredential>[1] {
  const createdBy = actor.kind === "operator" ? undefined : principalName(actor);
  const common = { kind: "robot", title: "", expiresAt: undefined } as const;
  return { ...common, accountId, uuid, secretHash, sealed, createdBy, createdAt };
}

function checkSettings({ description, expiresAt }: RobotSettings, now: number): void {
  if (description !== undefined && (description.length > 255 || description.includes("\0"))) {
    throw new RegistryError("PARAMETER_INVALID", "description must have at most 255 characters", {
      detail: { field: "description" },
    });
  }
  if (typeof expiresAt === "number") expectToCome(expiresAt, now);
}

/** @throws {RegistryError} `PARAMETER_INVALID` for an expiration that has passed */
export function expectToCome(expiresAt: number, now: number): void {
  if (Number.isSafeInteger(expiresAt) && expiresAt > now) return;
  throw new RegistryError("PARAMETER_INVALID", "expiration must be a time to come", {
    detail: { field: "expiration" },
  });
}
