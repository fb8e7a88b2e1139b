// Long because it is one thing: the roles that users and robots have on a repository by themselves.
import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import type { Repository } from "../../repositories/repository.ts";
import { namespaceOfRobot } from "../account-name.ts";
import { findAccountById, findAccountByName, lockAccount } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import { findMembersAmong } from "../organizations/organization-store.ts";
import {
  deleteRepositoryPermission,
  findRepositoryPermission as findPermission,
  listRepositoryPermissions as listPermissions,
  putRepositoryPermission,
} from "../permission-store.ts";
import type { PermissionRow } from "../permission-store.ts";
import type { Role } from "../role.ts";
import { unknownRepository } from "./actor.ts";
import type { Actor } from "./actor.ts";
import type { Administration } from "./administration.ts";

/** A role that a user or robot has by itself. */
export interface RepositoryPermission {
  readonly id: number;
  /** `alice` or `team+deploy`. */
  readonly name: string;
  readonly kind: "user" | "organization" | "robot";
  readonly role: Role;
  /** In a team of the organization, or its robot; undefined in a user's namespace. */
  readonly isMember: boolean | undefined;
}

/** Everybody at once, for whoever wants no pages. */
const ALL = { after: 0, limit: 1000 };

/**
 * Gives a user or robot a role on a repository, in place of the one it had.
 *
 * @throws {RegistryError} `DENIED`; `NAME_UNKNOWN`; `PARAMETER_INVALID` when there is no such account, for a robot of
 *   another namespace, and for whose namespace it is
 */
export async function setRepositoryPermission(
  administration: Administration,
  actor: Actor,
  permission: { readonly repository: string; readonly account: string; readonly role: Role },
): Promise<RepositoryPermission> {
  const repository = await needRepository(administration, actor, permission.repository);
  const { database, now } = administration;
  const { role } = permission;
  const account = await database.transaction(async (trx) => {
    const found = await needHolder(trx, repository, permission.account, database.dialect);
    const before = await findPermission(trx, repository.id, found.id);
    if (before?.role === role) return found;
    await putRepositoryPermission(trx, repository.id, found.id, role);
    const metadata = { ...factsOf(repository), username: found.name, role };
    await recordAudit(trx, actor, { kind: "change_repo_permission", repository, metadata }, now());
    return found;
  });
  const { id, name, kind } = account;
  return describeOne(administration, repository, { id, name, kind, role });
}

/** @returns false when there was none */
export async function removeRepositoryPermission(
  administration: Administration,
  actor: Actor,
  permission: { readonly repository: string; readonly account: string },
): Promise<boolean> {
  const repository = await needRepository(administration, actor, permission.repository);
  const { database, now } = administration;
  return database.transaction(async (trx) => {
    const account = await needHolder(trx, repository, permission.account, database.dialect);
    if (!(await deleteRepositoryPermission(trx, repository.id, account.id))) return false;
    const metadata = { ...factsOf(repository), username: account.name };
    await recordAudit(trx, actor, { kind: "delete_repo_permission", repository, metadata }, now());
    return true;
  });
}

/** The role that a user or robot has by itself; undefined: none. */
export async function findRepositoryPermission(
  administration: Administration,
  actor: Actor,
  permission: { readonly repository: string; readonly account: string },
): Promise<RepositoryPermission | undefined> {
  const repository = await needRepository(administration, actor, permission.repository);
  const { read } = administration.database;
  const { account: name } = permission;
  const account = isHolderName(name) ? await findAccountByName(read, name) : undefined;
  const row = account && (await findPermission(read, repository.id, account.id));
  return row && describeOne(administration, repository, row);
}

/**
 * Users and robots with a role of their own, by id.
 *
 * @param page.after id of the last one of the page before; 0 for the first
 */
export async function listRepositoryPermissions(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
  page: { readonly after: number; readonly limit: number } = ALL,
): Promise<RepositoryPermission[]> {
  const repository = await needRepository(administration, actor, repositoryName);
  const rows = await listPermissions(administration.database.read, repository.id, page);
  return describe(administration, repository, rows);
}

/** The permission check of these use cases, with the repository that it needs. */
export async function needRepository(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<Repository> {
  const repository = await administration.findRepository(name);
  if (repository === undefined) throw unknownRepository(name);
  await administration.rights.require(actor, "repository.permissions", { repository });
  return repository;
}

/** What the audit log says of a permission's repository, as Quay does. */
export function factsOf({ name, namespace }: Repository): Record<string, string> {
  return { repo: name.slice(namespace.length + 1), namespace };
}

async function needHolder(
  trx: Transaction<Tables>,
  repository: Repository,
  name: string,
  dialect: "sqlite" | "postgres",
): Promise<AccountRow> {
  const account = isHolderName(name) ? await lockAccount(trx, name, dialect) : undefined;
  if (account === undefined || account.kind === "organization") {
    throw invalid(name, `there is no user or robot ${name.slice(0, 511)}`);
  }
  if (account.kind === "robot" && namespaceOfRobot(account.name) !== repository.namespace) {
    throw invalid(name, `robot ${account.name} has no rights outside its namespace`);
  }
  if (account.id === repository.namespaceId) {
    throw invalid(name, `${account.name} owns the namespace and always has the role admin`);
  }
  return account;
}

/** No name has other characters, and PostgreSQL takes no NUL. */
function isHolderName(name: string): boolean {
  return /^[a-z0-9._+-]{1,511}$/.test(name);
}

function invalid(name: string, message: string): RegistryError {
  const detail = { field: "username", value: name.slice(0, 511) };
  return new RegistryError("PARAMETER_INVALID", message, { detail });
}

async function describeOne(
  administration: Administration,
  repository: Repository,
  row: PermissionRow,
): Promise<RepositoryPermission> {
  const [permission] = await describe(administration, repository, [row]);
  if (permission === undefined) throw new Error("one row is described by one permission");
  return permission;
}

async function describe(
  { database: { read } }: Administration,
  { namespaceId }: Repository,
  rows: readonly PermissionRow[],
): Promise<RepositoryPermission[]> {
  const namespace = await findAccountById(read, namespaceId);
  if (namespace?.kind !== "organization")
    return rows.map((row) => ({ ...row, isMember: undefined }));
  const users = rows.filter(({ kind }) => kind === "user").map(({ id }) => id);
  const members = await findMembersAmong(read, namespaceId, users);
  return rows.map((row) => ({ ...row, isMember: row.kind === "robot" || members.has(row.id) }));
}
