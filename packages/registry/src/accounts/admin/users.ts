// Long because it is one thing: what superusers do to users.
import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { wantMail } from "../../mail/want-mail.ts";
import { checkNamespaceName } from "../account-name.ts";
import {
  hasOtherSuperuser,
  hasRepositories,
  insertAccount,
  lockAccount,
  removeAccount,
  updateAccount,
} from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import { deleteSessionsOf } from "../session-store.ts";
import { changeEmail, orEmailTaken } from "../users/change-email.ts";
import { changePassword } from "../users/change-password.ts";
import { checkEmail } from "../users/email-rule.ts";
import { findUser, findUserByName, listUserRows } from "../users/user-store.ts";
import type { UserRow } from "../users/user-store.ts";
import type { Actor } from "./actor.ts";
import { accountTaken, conflict, unknownAccount } from "./administration.ts";
import type { Administration, NamePage } from "./administration.ts";
import { checkPassword } from "./password-rule.ts";

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly superuser?: boolean | undefined;
  /** How the request calls `name`, for errors. */
  readonly nameField?: string;
}

/** What is missing stays as it is. */
export interface UserChange {
  readonly password?: string | undefined;
  /** Counts as confirmed; null: none. */
  readonly email?: string | null | undefined;
  readonly enabled?: boolean | undefined;
  readonly superuser?: boolean | undefined;
}

/** A user as superusers see them. */
export type User = UserRow;

/** @throws {RegistryError} `DENIED`; `PARAMETER_INVALID` and `CONFLICT` naming the field */
export async function createUser(
  administration: Administration,
  actor: Actor,
  user: NewUser,
): Promise<{ readonly id: number }> {
  await administration.rights.require(actor, "superuser");
  checkNamespaceName(user.name, user.nameField);
  checkPassword(user.password);
  if (user.email !== undefined) checkEmail(user.email);
  const { database, passwordHashes, now } = administration;
  const { name, email, superuser = false, nameField } = user;
  const passwordHash = await passwordHashes.hash(user.password);
  return database.transaction(async (trx) => {
    const account = { kind: "user", name, email, passwordHash, superuser } as const;
    const id = await insertAccount(trx, { ...account, createdAt: now() });
    if (id === undefined) throw await accountTaken(trx, name, email, nameField);
    const metadata = { username: name, email: email ?? null, superuser };
    await recordAudit(
      trx,
      actor,
      { kind: "user_create", namespace: { id, name }, metadata },
      now(),
    );
    return { id };
  });
}

/**
 * Changes a user, all of it or nothing. Logins, sessions and refresh tokens by an old password end at once, and those
 * of a disabled user; access tokens end when they expire.
 *
 * @throws {RegistryError} `DENIED`; 404 when there is no such user; `CONFLICT` for the last superuser
 */
export async function changeUser(
  administration: Administration,
  actor: Actor,
  name: string,
  change: UserChange,
): Promise<void> {
  await administration.rights.require(actor, "superuser");
  const { password, email, enabled, superuser } = change;
  if (password !== undefined) checkPassword(password);
  if (typeof email === "string") checkEmail(email);
  const { database, passwordHashes, now } = administration;
  const hash = password === undefined ? undefined : await passwordHashes.hash(password);
  const changing = inUser(administration, name, async (trx, user) => {
    if (hash !== undefined) await changePassword(trx, actor, user, { hash }, now());
    if (email !== undefined) {
      const old = (await findUser(trx, user.id))?.email ?? null;
      await changeEmail(trx, actor, { ...user, email: old }, email, now());
    }
    if (enabled === false || superuser === false) {
      await keepSuperuser(trx, user, database.dialect);
    }
    if (enabled !== undefined) await changeEnabled(trx, actor, user, enabled, now());
    if (superuser !== undefined) {
      await updateAccount(trx, user.id, { superuser: superuser ? 1 : 0 });
      const metadata = { username: user.name, superuser };
      await recordAudit(trx, actor, { kind: "user_update", namespace: user, metadata }, now());
    }
  });
  await orEmailTaken(changing, email ?? undefined);
}

/** See {@link changeUser}. */
export async function setPassword(
  administration: Administration,
  actor: Actor,
  name: string,
  password: string,
): Promise<void> {
  await changeUser(administration, actor, name, { password });
}

/** A disabled user cannot log in, nor can their robots. The last superuser stays. */
export async function setEnabled(
  administration: Administration,
  actor: Actor,
  name: string,
  enabled: boolean,
): Promise<void> {
  await changeUser(administration, actor, name, { enabled });
}

/** The last superuser stays. */
export async function setSuperuser(
  administration: Administration,
  actor: Actor,
  name: string,
  superuser: boolean,
): Promise<void> {
  await changeUser(administration, actor, name, { superuser });
}

/** Deletes a user with their robots and secrets. Refused while there are repositories, and for the last superuser. */
export async function deleteUser(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<void> {
  await administration.rights.require(actor, "superuser");
  await inUser(administration, name, (trx, user) => removeUser(administration, trx, actor, user));
}

/** Part of a transaction that has locked the account. @throws {RegistryError} `CONFLICT` as {@link deleteUser} */
export async function removeUser(
  { database, now }: Pick<Administration, "database" | "now">,
  trx: Transaction<Tables>,
  actor: Actor,
  user: AccountRow,
): Promise<void> {
  await keepSuperuser(trx, user, database.dialect);
  if (await hasRepositories(trx, user.id)) {
    throw conflict(`${user.name} still has repositories; delete them first`, { name: user.name });
  }
  const metadata = { username: user.name };
  await recordAudit(trx, actor, { kind: "user_delete", namespace: user, metadata }, now());
  await removeAccount(trx, user.id);
}

/** @throws {RegistryError} `DENIED`; 404 when there is no such user */
export async function getUser(
  { database, rights }: Administration,
  actor: Actor,
  name: string,
): Promise<User> {
  await rights.require(actor, "superuser");
  const user = isName(name) ? await findUserByName(database.read, name) : undefined;
  if (user === undefined) throw unknownAccount(name, ["user"]);
  return user;
}

/** By name. @param page.enabled true: only those that are */
export async function listUsers(
  { database, rights }: Administration,
  actor: Actor,
  { after = "", limit, enabled = false }: NamePage & { readonly enabled?: boolean },
): Promise<User[]> {
  await rights.require(actor, "superuser");
  return listUserRows(database.read, { enabled, after, limit });
}

/**
 * Sends a user a code for a new password.
 *
 * @returns the address that it goes to
 * @throws {RegistryError} `DENIED`; `CONFLICT` where no mail is sent, or the user has no address or password
 */
export async function sendRecovery(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<string> {
  const user = await getUser(administration, actor, name);
  needMail(administration);
  const { email } = user;
  if (email === null || user.has_password !== 1 || user.enabled !== 1) {
    const fault =
      email === null
        ? "has no e-mail address"
        : user.enabled === 1
          ? "has no password"
          : "is disabled";
    throw conflict(`${name} ${fault}`, { name });
  }
  await administration.database.transaction((trx) => wantMail(trx, { kind: "recovery", email }));
  return email;
}

/** @throws {RegistryError} `CONFLICT`, 400, where the registry sends no mail */
export function needMail({ config }: Pick<Administration, "config">): void {
  if (config.mail !== undefined) return;
  throw new RegistryError(
    "CONFLICT",
    "this registry sends no mail; its administrators set passwords, or configure `mail.url`",
    { status: 400 },
  );
}

/** The last superuser stays. @throws {RegistryError} `CONFLICT` */
export async function keepSuperuser(
  trx: Transaction<Tables>,
  user: AccountRow,
  dialect: "sqlite" | "postgres",
): Promise<void> {
  if (user.superuser !== 1 || user.enabled !== 1) return;
  if (await hasOtherSuperuser(trx, user.id, dialect)) return;
  throw conflict(`${user.name} is the last superuser; make another one first`, { name: user.name });
}

async function changeEnabled(
  trx: Transaction<Tables>,
  actor: Actor,
  user: AccountRow,
  enabled: boolean,
  now: number,
): Promise<void> {
  await updateAccount(trx, user.id, { enabled: enabled ? 1 : 0 });
  if (!enabled) await deleteSessionsOf(trx, user.id, undefined);
  const metadata = { username: user.name };
  const kind = enabled ? "user_enable" : "user_disable";
  await recordAudit(trx, actor, { kind, namespace: user, metadata }, now);
}

async function inUser<T>(
  { database }: Administration,
  name: string,
  work: (trx: Transaction<Tables>, user: AccountRow) => Promise<T>,
): Promise<T> {
  return database.transaction(async (trx) => {
    const user = isName(name) ? await lockAccount(trx, name, database.dialect) : undefined;
    if (user?.kind !== "user") throw unknownAccount(name, ["user"]);
    return work(trx, user);
  });
}

/** No name has other characters, and PostgreSQL takes no NUL. */
function isName(name: string): boolean {
  return /^[a-z0-9._-]{1,255}$/.test(name);
}
