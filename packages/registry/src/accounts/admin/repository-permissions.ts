import { RegistryError } from "../../http/registry-error.ts";
import type { Repository } from "../../repositories/repository.ts";
import { namespaceOfRobot } from "../account-name.ts";
import {
  deleteRepositoryPermission,
  listRepositoryPermissions as listPermissions,
  putRepositoryPermission,
} from "../permission-store.ts";
import type { Role } from "../role.ts";
import { requireRepositoryAdmin, unknownRepository } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { needAccount } from "./administration.ts";
import type { Administration } from "./administration.ts";

/**
 * Gives a user or robot a role on a repository, in place of the one it had.
 *
 * @throws {RegistryError} `DENIED`; `NAME_UNKNOWN`; `PARAMETER_INVALID` when there is no such account, or for a robot of
 *   another namespace
 */
export async function setRepositoryPermission(
  administration: Administration,
  actor: Actor,
  permission: { readonly repository: string; readonly account: string; readonly role: Role },
): Promise<void> {
  const repository = await needRepository(administration, actor, permission.repository);
  const account = await needAccount(administration, permission.account, ["user", "robot"]);
  if (account.kind === "robot" && namespaceOfRobot(account.name) !== repository.namespace) {
    throw new RegistryError(
      "PARAMETER_INVALID",
      `robot ${account.name} has no rights outside its namespace`,
      { detail: { field: "account", value: account.name } },
    );
  }
  await administration.database.transaction((trx) =>
    putRepositoryPermission(trx, repository.id, account.id, permission.role),
  );
}

/** @returns false when there was none */
export async function removeRepositoryPermission(
  administration: Administration,
  actor: Actor,
  permission: { readonly repository: string; readonly account: string },
): Promise<boolean> {
  const repository = await needRepository(administration, actor, permission.repository);
  const account = await needAccount(administration, permission.account, ["user", "robot"]);
  return administration.database.transaction((trx) =>
    deleteRepositoryPermission(trx, repository.id, account.id),
  );
}

/** Users and robots with a role of their own, by name. */
export async function listRepositoryPermissions(
  administration: Administration,
  actor: Actor,
  repositoryName: string,
): Promise<Awaited<ReturnType<typeof listPermissions>>> {
  const repository = await needRepository(administration, actor, repositoryName);
  return listPermissions(administration.database.read, repository.id);
}

/** The permission check of these use cases, with the repository that it needs. */
async function needRepository(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<Repository> {
  const repository = await administration.findRepository(name);
  if (repository === undefined) throw unknownRepository(name);
  await requireRepositoryAdmin(administration.permissions, actor, repository);
  return repository;
}
