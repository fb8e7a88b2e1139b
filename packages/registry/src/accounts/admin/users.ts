import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { checkNamespaceName } from "../account-name.ts";
import {
  hasOtherSuperuser,
  hasRepositories,
  insertAccount,
  listAccounts,
  lockAccount,
  removeAccount,
  updateAccount,
} from "../account-store.ts";
import type { AccountRow, ListedAccount } from "../account-store.ts";
import { requireSuperuser } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { conflict, nameTaken, unknownAccount } from "./administration.ts";
import type { Administration, NamePage } from "./administration.ts";
import { checkPassword } from "./password-rule.ts";

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly email?: string;
  readonly superuser?: boolean;
}

/** @throws {RegistryError} `DENIED`; `PARAMETER_INVALID` naming the field, 409 when the name is taken */
export async function createUser(
  administration: Administration,
  actor: Actor,
  user: NewUser,
): Promise<{ readonly id: number }> {
  requireSuperuser(actor);
  checkNamespaceName(user.name);
  checkPassword(user.password);
  checkEmail(user.email);
  const { database, passwordHashes, now } = administration;
  const passwordHash = await passwordHashes.hash(user.password);
  const id = await database.transaction((trx) =>
    insertAccount(trx, {
      kind: "user",
      name: user.name,
      email: user.email,
      passwordHash,
      superuser: user.superuser ?? false,
      createdAt: now(),
    }),
  );
  if (id === undefined) throw nameTaken(user.name);
  return { id };
}

/** Logins and refresh tokens by the old password end at once; access tokens end when they expire. */
export async function setPassword(
  administration: Administration,
  actor: Actor,
  name: string,
  password: string,
): Promise<void> {
  requireSuperuser(actor);
  checkPassword(password);
  const hash = await administration.passwordHashes.hash(password);
  await changeUser(administration, name, (trx, { id }) =>
    updateAccount(trx, id, { password_hash: hash }),
  );
}

/** A disabled user cannot log in, nor can their robots. The last superuser stays. */
export async function setEnabled(
  administration: Administration,
  actor: Actor,
  name: string,
  enabled: boolean,
): Promise<void> {
  requireSuperuser(actor);
  await changeUser(administration, name, async (trx, user) => {
    if (!enabled) await keepSuperuser(trx, user, administration.database.dialect);
    await updateAccount(trx, user.id, { enabled: enabled ? 1 : 0 });
  });
}

/** The last superuser stays. */
export async function setSuperuser(
  administration: Administration,
  actor: Actor,
  name: string,
  superuser: boolean,
): Promise<void> {
  requireSuperuser(actor);
  await changeUser(administration, name, async (trx, user) => {
    if (!superuser) await keepSuperuser(trx, user, administration.database.dialect);
    await updateAccount(trx, user.id, { superuser: superuser ? 1 : 0 });
  });
}

/** Deletes a user with their robots and secrets. Refused while there are repositories, and for the last superuser. */
export async function deleteUser(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<void> {
  requireSuperuser(actor);
  await changeUser(administration, name, async (trx, user) => {
    await keepSuperuser(trx, user, administration.database.dialect);
    if (await hasRepositories(trx, user.id)) {
      throw conflict(`${name} still has repositories; delete them first`, { name });
    }
    await removeAccount(trx, user.id);
  });
}

/** By name. */
export async function listUsers(
  { database }: Administration,
  actor: Actor,
  page: NamePage,
): Promise<ListedAccount[]> {
  requireSuperuser(actor);
  return listAccounts(database.read, { kind: "user", after: page.after ?? "", limit: page.limit });
}

async function changeUser(
  { database }: Administration,
  name: string,
  change: (trx: Transaction<Tables>, user: AccountRow) => Promise<void>,
): Promise<void> {
  await database.transaction(async (trx) => {
    // No name has other characters, and PostgreSQL takes no NUL.
    const user = /^[a-z0-9._-]+$/.test(name)
      ? await lockAccount(trx, name, database.dialect)
      : undefined;
    if (user?.kind !== "user") throw unknownAccount(name, ["user"]);
    await change(trx, user);
  });
}

async function keepSuperuser(
  trx: Transaction<Tables>,
  user: AccountRow,
  dialect: "sqlite" | "postgres",
): Promise<void> {
  if (user.superuser !== 1 || user.enabled !== 1) return;
  if (await hasOtherSuperuser(trx, user.id, dialect)) return;
  throw conflict(`${user.name} is the last superuser; make another one first`, { name: user.name });
}

function checkEmail(email: string | undefined): void {
  if (email === undefined || (email.length <= 254 && /^[^\s\0@]+@[^\s\0@]+$/.test(email))) return;
  throw new RegistryError("PARAMETER_INVALID", "email must be such as alice@example.com", {
    detail: { field: "email" },
  });
}
