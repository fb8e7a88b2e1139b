import { requireRepositoryAdmin, unknownRepository } from "../accounts/admin/actor.ts";
import type { Actor } from "../accounts/admin/actor.ts";
import type { Permissions } from "../accounts/permissions.ts";
import type { Database } from "../database/database.ts";
import { RegistryError } from "../http/registry-error.ts";
import type { FindRepository } from "./find-repository.ts";
import type { Repository } from "./repository.ts";
import { updateRepository } from "./repository-store.ts";

/** What the administration of repositories works with; `Accounts.administration` has it. */
export interface RepositoryAdministration {
  readonly database: Database;
  readonly permissions: Permissions;
  readonly findRepository: FindRepository;
}

/** Settings to change; what is left out stays. */
export interface RepositorySettings {
  readonly visibility?: Repository["visibility"] | undefined;
  readonly state?: Repository["state"] | undefined;
  readonly description?: string | undefined;
  /** Squashed images are made when an image is pushed. */
  readonly squashAtPush?: boolean | undefined;
  /** How the layer of a squashed image is pulled. */
  readonly squashCompression?: Repository["squashCompression"] | undefined;
}

const LONGEST_DESCRIPTION = 65_536;

/**
 * Changes settings of a repository.
 *
 * @returns the repository as it is now
 * @throws {RegistryError} `DENIED`, `NAME_UNKNOWN`, `PARAMETER_INVALID`
 */
export async function changeRepository(
  administration: RepositoryAdministration,
  actor: Actor,
  name: string,
  settings: RepositorySettings,
): Promise<Repository> {
  const { database, permissions, findRepository } = administration;
  const repository = await findRepository(name);
  if (repository === undefined) throw unknownRepository(name);
  await requireRepositoryAdmin(permissions, actor, repository);
  const values = toColumns(settings);
  if (Object.keys(values).length > 0) {
    const isThere = await database.transaction((trx) =>
      updateRepository(trx, repository.id, values),
    );
    if (!isThere) throw unknownRepository(name);
  }
  return (await findRepository(name)) ?? repository;
}

function toColumns(settings: RepositorySettings): Parameters<typeof updateRepository>[2] {
  const { visibility, state, description, squashAtPush, squashCompression } = settings;
  if (
    description !== undefined &&
    (description.length > LONGEST_DESCRIPTION || description.includes("\0"))
  ) {
    throw new RegistryError(
      "PARAMETER_INVALID",
      `description must have at most ${LONGEST_DESCRIPTION} characters`,
      { detail: { field: "description" } },
    );
  }
  return {
    ...(visibility === undefined ? {} : { visibility }),
    ...(state === undefined ? {} : { state }),
    ...(description === undefined ? {} : { description }),
    ...(squashAtPush === undefined ? {} : { squash_at_push: squashAtPush ? 1 : 0 }),
    ...(squashCompression === undefined ? {} : { squash_compression: squashCompression }),
  };
}
