import type { Transaction } from "kysely";
import { actorName } from "../../accounts/admin/actor.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { recordEvent } from "../../events/record-event.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findDescendants, lockManifests } from "../manifest-store.ts";
import type { Repository } from "../repository.ts";
import { lockTag } from "../tag-store.ts";
import { expectUnprotected } from "./expect-unprotected.ts";
import { deleteIntervals, hideUnneeded } from "./forgotten-image-store.ts";
import type { TagAdministration } from "./tag-administration.ts";

export interface ForgetWish {
  readonly tag: string;
  readonly digest: string;
  /** Also when the tag points there now. */
  readonly isAlive: boolean;
  /** Of an index: also what is below it, unless something else needs it. */
  readonly withChildren: boolean;
}

/**
 * Deletes an image of a tag for good: the history forgets it, and what nothing else needs is collected as soon as its
 * lease is over.
 *
 * @throws {RegistryError} `MANIFEST_UNKNOWN` when the tag has no such history, `CONFLICT` when it points there now,
 *   `TAG_IMMUTABLE`, and as `Rights.require`
 */
export async function forgetImage(
  administration: TagAdministration,
  actor: Actor,
  repository: Repository,
  wish: ForgetWish,
): Promise<void> {
  const { database, rights, now } = administration;
  await rights.require(actor, "repository.write", { repository });
  await database.transaction((trx) => forgetImageIn(trx, actor, repository, wish, now()));
}

/** As {@link forgetImage}, for somebody who has the right. */
export async function forgetImageIn(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  { tag, digest, isAlive, withChildren }: ForgetWish,
  now: number,
): Promise<void> {
  const below = withChildren ? await findDescendants(trx, repository.id, digest) : [];
  // First the locks, then the question who needs them: whoever points a tag to one has its lock before (holdManifest).
  await lockManifests(trx, repository.id, [digest, ...below]);
  const open = await lockTag(trx, repository, tag);
  const isOpen = open?.digest === digest && (open.expiresAt === null || open.expiresAt > now);
  if (isOpen && !isAlive) {
    throw new RegistryError(
      "CONFLICT",
      `the tag ${tag} points to this manifest now; send "is_alive": true to delete that as well`,
      { detail: { field: "is_alive", tag, digest } },
    );
  }
  if (isOpen) await expectUnprotected(trx, repository, open, "deleted");
  const forgotten = await deleteIntervals(trx, repository.id, tag, digest);
  if (forgotten === 0) {
    throw new RegistryError("MANIFEST_UNKNOWN", `the tag ${tag} never pointed to this manifest`, {
      detail: { tag, field: "manifest_digest", digest },
    });
  }
  // Parents before children: what is hidden needs nothing any more.
  for (const one of [digest, ...below]) await hideUnneeded(trx, repository.id, one, now);
  const metadata = { tag, manifest_digest: digest, include_submanifests: withChildren };
  await recordAudit(trx, actor, { kind: "permanently_delete_tag", repository, metadata }, now);
  if (!isOpen) return;
  const by = actorName(actor);
  await recordEvent(trx, "tag.deleted", {
    repositoryId: repository.id,
    repository: repository.name,
    digest,
    tag,
    ...(by === undefined ? {} : { by }),
  });
}
