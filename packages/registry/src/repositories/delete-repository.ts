import { actorName, unknownRepository } from "../accounts/admin/actor.ts";
import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { recordAudit } from "../audit/record-audit.ts";
import { recordEvent } from "../events/record-event.ts";
import { hideRepository } from "./deleted/deleted-repository-store.ts";
import { shortName } from "./make-repository.ts";

/**
 * Deletes a repository: nobody sees it any more, and its name is free. It can be restored as long as tags of its
 * namespace can be taken back (`deleted/restore-repository.ts`); then collection takes it.
 *
 * @throws {RegistryError} `DENIED`, `NAME_UNKNOWN`
 */
export async function deleteRepository(
  { database, rights, findRepository, now }: Administration,
  actor: Actor,
  name: string,
): Promise<void> {
  const repository = await findRepository(name);
  if (repository === undefined) throw unknownRepository(name);
  await rights.require(actor, "repository.admin", { repository });
  const by = actorName(actor);
  const wasThere = await database.transaction(async (trx) => {
    if (!(await hideRepository(trx, repository.id, by, now()))) return false;
    await recordEvent(trx, "repository.deleted", {
      repositoryId: repository.id,
      repository: repository.name,
      ...(by === undefined ? {} : { by }),
    });
    const metadata = { repo: shortName(repository), namespace: repository.namespace };
    await recordAudit(trx, actor, { kind: "delete_repo", repository, metadata }, now());
    return true;
  });
  if (!wasThere) throw unknownRepository(name);
}
