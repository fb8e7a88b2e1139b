import { actorName } from "../../accounts/admin/actor.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { Administration } from "../../accounts/admin/administration.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { isUniqueViolation } from "../../database/unique-violation.ts";
import { recordEvent } from "../../events/record-event.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { expectRoomToRestore } from "../../quotas/expect-room.ts";
import { shortName } from "../make-repository.ts";
import { toRepositoryName } from "../repository-name.ts";
import type { RepositoryName } from "../repository-name.ts";
import { putTerms } from "../repository-term-store.ts";
import type { Repository } from "../repository.ts";
import { showRepository } from "./deleted-repository-store.ts";
import type { DeletedRepository } from "./deleted-repository-store.ts";
import { needDeleted, unknownDeleted } from "./grace-period.ts";
import { requireFormerAdmin } from "./require-former-admin.ts";

/**
 * Restores a deleted repository with everything it had. Nothing of it was changed or collected meanwhile but by age, as
 * it would have been without the deletion.
 *
 * @param id as `listDeletedRepositories` tells it
 * @param name another name within its namespace; undefined: the old one
 * @returns the repository as it is now
 * @throws {RegistryError} `NOT_FOUND`; `CONFLICT` when the name is taken, `NAME_INVALID`, `QUOTA_EXCEEDED`
 */
export async function restoreRepository(
  administration: Administration,
  actor: Actor,
  id: number,
  name?: string,
): Promise<Repository> {
  const { database, now } = administration;
  const { repository, since } = await needDeleted(administration, id);
  await requireFormerAdmin(administration, actor, repository);
  const restored = { ...repository, name: nameFor(repository, name) };
  await expectRoomToRestore(administration, repository);
  const by = actorName(actor);
  const isThere = await uniquely(restored.name, () =>
    database.transaction(async (trx) => {
      if (!(await showRepository(trx, id, restored.name, since))) return false;
      if (restored.name !== repository.name) await putTerms(trx, restored);
      await recordEvent(trx, "repository.restored", {
        repositoryId: id,
        repository: restored.name,
        ...(by === undefined ? {} : { by }),
      });
      const metadata = {
        repo: shortName(restored),
        namespace: restored.namespace,
        deleted_name: shortName(repository),
      };
      await recordAudit(
        trx,
        actor,
        { kind: "restore_repo", repository: restored, metadata },
        now(),
      );
      return true;
    }),
  );
  if (!isThere) throw unknownDeleted();
  return restored;
}

function nameFor(
  { namespace, name: old }: DeletedRepository,
  wish: string | undefined,
): RepositoryName {
  const name = toRepositoryName(wish === undefined ? old : `${namespace}/${wish}`);
  if (name !== undefined) return name;
  throw new RegistryError("NAME_INVALID", "name: no repository can be called so", {
    detail: { field: "name" },
  });
}

async function uniquely<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new RegistryError(
      "CONFLICT",
      `there is another repository ${name} by now; restore it under another name`,
      { detail: { field: "name", name } },
    );
  }
}
