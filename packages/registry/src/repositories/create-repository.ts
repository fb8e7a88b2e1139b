import { missingNamespace } from "../accounts/permissions.ts";
import type { Permissions } from "../accounts/permissions.ts";
import type { Caller } from "../accounts/caller.ts";
import { accountIdOf } from "../accounts/principal.ts";
import type { Principal } from "../accounts/principal.ts";
import type { Database } from "../database/database.ts";
import { RegistryError } from "../http/registry-error.ts";
import { namespaceOf } from "./repository-name.ts";
import type { RepositoryName } from "./repository-name.ts";
import type { Repository } from "./repository.ts";
import {
  findByName,
  findNamespaceId,
  insertCreator,
  insertRepository,
} from "./repository-store.ts";

export interface CreateByPushOptions {
  readonly database: Database;
  readonly permissions: Permissions;
  /** `config.registry.createdByPush` */
  readonly visibility: Repository["visibility"];
  readonly now?: () => number;
}

/**
 * The repository of a first push, made now; of two first pushes at the same time one makes it. Whoever made it has the
 * role admin on it.
 *
 * @throws {RegistryError} as `Permissions.authorize`; `NAME_UNKNOWN` when the namespace does not exist
 */
export async function createRepositoryByPush(
  options: CreateByPushOptions,
  caller: Caller,
  principal: Principal,
  name: RepositoryName,
): Promise<Repository> {
  const { database, permissions, visibility, now = Date.now } = options;
  await permissions.authorize({ caller, principal, action: "push", repository: undefined, name });
  const creatorId = accountIdOf(principal);
  const { repository, isNew } = await database.transaction(async (trx) => {
    const namespaceId = await findNamespaceId(trx, namespaceOf(name));
    if (namespaceId === undefined) throw missingNamespace(name);
    const made = await insertRepository(trx, {
      name,
      namespaceId,
      visibility,
      description: "",
      createdAt: now(),
    });
    if (made === undefined) return { repository: await findByName(trx, name), isNew: false };
    if (creatorId !== undefined && creatorId !== namespaceId) {
      await insertCreator(trx, made.id, creatorId);
    }
    return { repository: made, isNew: true };
  });
  // Somebody else's first push was faster: their repository has its own rights.
  if (!isNew) {
    await permissions.authorize({ caller, principal, action: "push", repository, name });
  }
  if (repository !== undefined) return repository;
  throw new RegistryError("UNAVAILABLE", `${name} was deleted while it was made; try again`, {
    headers: { "Retry-After": "1" },
  });
}
