import { RegistryError } from "../../http/registry-error.ts";
import { checkRobotName, robotName } from "../account-name.ts";
import { insertAccount, listAccounts, lockAccount, removeAccount } from "../account-store.ts";
import { insertCredential, removeCredentialsOf } from "../credential-store.ts";
import type { AccountRow, ListedAccount } from "../account-store.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import { requireNamespaceAdmin } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { nameTaken, needAccount, unknownAccount } from "./administration.ts";
import type { Administration, NamePage } from "./administration.ts";

export interface RobotToken {
  /** `namespace+short`, the user of logins. */
  readonly name: string;
  /** Shown once; only its hash is stored. */
  readonly token: string;
}

/** @throws {RegistryError} `DENIED`; `PARAMETER_INVALID`, 409 when the name is taken */
export async function createRobot(
  administration: Administration,
  actor: Actor,
  robot: { readonly namespace: string; readonly short: string; readonly description?: string },
): Promise<RobotToken> {
  const namespace = await needNamespace(administration, actor, robot.namespace);
  checkRobotName(robot.short);
  checkDescription(robot.description);
  const { database, now } = administration;
  const name = robotName(namespace.name, robot.short);
  const token = makeSecret();
  await database.transaction(async (trx) => {
    const id = await insertAccount(trx, {
      kind: "robot",
      name,
      namespaceId: namespace.id,
      description: robot.description,
      createdAt: now(),
    });
    if (id === undefined) throw nameTaken(name);
    await insertCredential(trx, robotCredential(id, token, now()));
  });
  return { name, token };
}

/** The old token is worth nothing from now on. */
export async function regenerateRobotToken(
  administration: Administration,
  actor: Actor,
  robot: { readonly namespace: string; readonly short: string },
): Promise<RobotToken> {
  const namespace = await needNamespace(administration, actor, robot.namespace);
  checkRobotName(robot.short);
  const { database, now } = administration;
  const name = robotName(namespace.name, robot.short);
  const token = makeSecret();
  await database.transaction(async (trx) => {
    const account = await lockAccount(trx, name, database.dialect);
    if (account?.kind !== "robot") throw unknownAccount(name, ["robot"]);
    await removeCredentialsOf(trx, account.id, "robot");
    await insertCredential(trx, robotCredential(account.id, token, now()));
  });
  return { name, token };
}

export async function deleteRobot(
  administration: Administration,
  actor: Actor,
  robot: { readonly namespace: string; readonly short: string },
): Promise<void> {
  const namespace = await needNamespace(administration, actor, robot.namespace);
  checkRobotName(robot.short);
  const { database } = administration;
  const name = robotName(namespace.name, robot.short);
  await database.transaction(async (trx) => {
    const account = await lockAccount(trx, name, database.dialect);
    if (account?.kind !== "robot") throw unknownAccount(name, ["robot"]);
    await removeAccount(trx, account.id);
  });
}

/** By name. */
export async function listRobots(
  administration: Administration,
  actor: Actor,
  namespace: string,
  page: NamePage,
): Promise<ListedAccount[]> {
  const { id } = await needNamespace(administration, actor, namespace);
  const { after = "", limit } = page;
  return listAccounts(administration.database.read, {
    kind: "robot",
    namespaceId: id,
    after,
    limit,
  });
}

/** The permission check of these use cases, with the namespace that it needs. */
async function needNamespace(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<AccountRow> {
  const namespace = await needAccount(administration, name, ["user", "organization"]);
  await requireNamespaceAdmin(administration.permissions, actor, namespace);
  return namespace;
}

function robotCredential(
  accountId: number,
  token: string,
  createdAt: number,
): Parameters<typeof insertCredential>[1] {
  const secretHash = hashSecret(token);
  return { kind: "robot", accountId, title: "", secretHash, createdAt, expiresAt: undefined };
}

function checkDescription(description: string | undefined): void {
  if (description === undefined || (description.length <= 255 && !description.includes("\0"))) {
    return;
  }
  throw new RegistryError("PARAMETER_INVALID", "description must have at most 255 characters", {
    detail: { field: "description" },
  });
}
