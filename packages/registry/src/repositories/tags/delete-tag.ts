import type { Transaction } from "kysely";
import { actorName } from "../../accounts/admin/actor.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import { auditFacts } from "../../audit/performer.ts";
import type { Database } from "../../database/database.ts";
import type { Tables } from "../../database/tables.ts";
import { recordEvent } from "../../events/record-event.ts";
import type { Repository } from "../repository.ts";
import { closeTag, lockTag } from "../tag-store.ts";
import { expectUnprotected } from "./expect-unprotected.ts";

/**
 * Deletes a tag; the manifest stays. The caller has checked that it is allowed.
 *
 * @returns false when there is no such tag
 * @throws {RegistryError} `TAG_IMMUTABLE`
 */
export async function deleteTag(
  database: Database,
  repository: Repository,
  tag: string,
  actor: Actor,
  now: number,
): Promise<boolean> {
  const digest = await database.transaction((trx) => deleteTagIn(trx, repository, tag, actor, now));
  return digest !== undefined;
}

/** As {@link deleteTag}. @returns the digest it pointed to; undefined when there is no such tag */
export async function deleteTagIn(
  trx: Transaction<Tables>,
  repository: Repository,
  tag: string,
  actor: Actor,
  now: number,
): Promise<string | undefined> {
  const open = await lockTag(trx, repository, tag);
  if (open === undefined || (open.expiresAt !== null && open.expiresAt <= now)) return undefined;
  await expectUnprotected(trx, repository, open, "deleted");
  const by = actorName(actor);
  await closeTag(trx, open.id, { at: now, by, kind: "deleted" });
  await recordEvent(trx, "tag.deleted", {
    repositoryId: repository.id,
    repository: repository.name,
    digest: open.digest,
    tag,
    ...(by === undefined ? {} : { by }),
    audit: auditFacts(actor, repository, now),
  });
  return open.digest;
}
