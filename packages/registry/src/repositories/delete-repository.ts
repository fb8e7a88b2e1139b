import { requireRepositoryAdmin, unknownRepository } from "../accounts/admin/actor.ts";
import type { Actor } from "../accounts/admin/actor.ts";
import type { RepositoryAdministration } from "./repository-settings.ts";
import { removeRepository } from "./repository-store.ts";

/**
 * Deletes a repository with its tags, manifests, permissions and secrets, at once and for good. Its blobs go with the
 * next collection, unless another repository has them.
 *
 * @throws {RegistryError} `DENIED`, `NAME_UNKNOWN`
 */
export async function deleteRepository(
  { database, permissions, findRepository }: RepositoryAdministration,
  actor: Actor,
  name: string,
): Promise<void> {
  const repository = await findRepository(name);
  if (repository === undefined) throw unknownRepository(name);
  await requireRepositoryAdmin(permissions, actor, repository);
  const wasThere = await database.transaction((trx) => removeRepository(trx, repository.id));
  if (!wasThere) throw unknownRepository(name);
}
