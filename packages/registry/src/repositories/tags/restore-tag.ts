import type { Transaction } from "kysely";
import { actorName } from "../../accounts/admin/actor.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { recordEvent } from "../../events/record-event.ts";
import type { Repository } from "../repository.ts";
import { isTagName } from "../tag-name.ts";
import { findLastIntervalOf } from "../tag-store.ts";
import { invalidTag, unknownDigest } from "./change-tag.ts";
import type { TagOutcome } from "./change-tag.ts";
import { pointTag } from "./point-tag.ts";
import { showImage } from "./show-image.ts";
import type { TagAdministration } from "./tag-administration.ts";

/**
 * Takes a tag back to an image of the repository, also one that was deleted as long as it is there. The expiration
 * that the tag had with it comes back, unless that is past.
 *
 * @throws {RegistryError} `TAG_INVALID`, `MANIFEST_UNKNOWN` when the image is gone, `TAG_IMMUTABLE`, and as
 *   `Rights.require`
 */
export async function restoreTag(
  administration: TagAdministration,
  actor: Actor,
  repository: Repository,
  tag: string,
  digest: string,
): Promise<TagOutcome> {
  const { database, rights, now } = administration;
  await rights.require(actor, "repository.write", { repository });
  return database.transaction((trx) => restoreTagIn(trx, actor, repository, tag, digest, now()));
}

/** As {@link restoreTag}, for somebody who has the right. */
export async function restoreTagIn(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  tag: string,
  digest: string,
  now: number,
): Promise<TagOutcome> {
  if (!isTagName(tag)) throw invalidTag(tag);
  const last = await findLastIntervalOf(trx, repository.id, tag, digest);
  const outcome = await takeBack(
    trx,
    actor,
    repository,
    { tag, digest, expiresAt: last?.expiresAt },
    now,
  );
  if (outcome.status === "unchanged") return outcome;
  const metadata = {
    tag,
    manifest_digest: digest,
    original_manifest_digest: outcome.movedFrom ?? null,
  };
  await recordAudit(trx, actor, { kind: "revert_tag", repository, metadata }, now);
  return outcome;
}

/** Takes a tag back without telling the audit log. @param past `expiresAt`: what it had, in milliseconds since 1970 */
export async function takeBack(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  past: {
    readonly tag: string;
    readonly digest: string;
    readonly expiresAt?: number | null | undefined;
  },
  now: number,
): Promise<TagOutcome> {
  const { tag, digest } = past;
  if (!(await showImage(trx, repository.id, digest, now))) throw unknownDigest(digest);
  const by = actorName(actor);
  const expiresAt = stillToCome(past.expiresAt, now);
  const target = { tag, digest, by, expiresAt, isReversion: true };
  const { status, before } = await pointTag(trx, repository, target, now);
  if (status === "unchanged") return { tag, status, digest };
  await recordEvent(trx, "tag.moved", {
    repositoryId: repository.id,
    repository: repository.name,
    digest,
    tag,
    ...(before === undefined ? {} : { previous: before }),
    ...(by === undefined ? {} : { by }),
  });
  return {
    tag,
    status: before === undefined ? "restored" : "moved",
    digest,
    movedFrom: before,
    expiresAt,
  };
}

/** An expiration that is past does not come back: the tag would be gone again at once. */
export function stillToCome(expiresAt: number | null | undefined, now: number): number | null {
  return typeof expiresAt === "number" && expiresAt > now ? expiresAt : null;
}
