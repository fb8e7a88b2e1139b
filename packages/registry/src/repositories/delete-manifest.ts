import type { Digest } from "@wharf/image";
import type { Transaction } from "kysely";
import type { Actor } from "../accounts/admin/actor.ts";
import { actorName } from "../accounts/admin/actor.ts";
import { auditFacts } from "../audit/performer.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { recordEvent } from "../events/record-event.ts";
import { findAncestors, hideManifest } from "./manifest-store.ts";
import { tagProtection } from "./policies/tag-protection.ts";
import type { Repository } from "./repository.ts";
import { closeTag, lockOpenTagsOf } from "./tag-store.ts";
import { tagImmutable } from "./tags/expect-unprotected.ts";

/**
 * Deletes a manifest and the tags that point to it: nobody is served it from now on. Its bytes stay as long as one of
 * the tags can be taken back. The caller has checked that it is allowed.
 *
 * @returns false when there is no such manifest
 * @throws {RegistryError} `TAG_IMMUTABLE` when a protected tag needs it
 */
export async function deleteManifest(
  database: Database,
  repository: Repository,
  digest: Digest,
  actor: Actor,
  now: number,
): Promise<boolean> {
  const tags = await database.transaction((trx) =>
    deleteManifestIn(trx, repository, digest, actor, now),
  );
  return tags !== undefined;
}

/** As {@link deleteManifest}. @returns the tags that ended; undefined when there is no such manifest */
export async function deleteManifestIn(
  trx: Transaction<Tables>,
  repository: Repository,
  digest: Digest,
  actor: Actor,
  now: number,
): Promise<readonly string[] | undefined> {
  if (!(await hideManifest(trx, repository.id, digest, now))) return undefined;
  await expectUnneeded(trx, repository, digest);
  const by = actorName(actor);
  const open = await lockOpenTagsOf(trx, repository.id, [digest]);
  const tags: string[] = [];
  for (const { id, name, expiresAt } of open) {
    const isLive = expiresAt === null || expiresAt > now;
    if (isLive) tags.push(name);
    const end = { at: now, by, kind: "deleted" } as const;
    await closeTag(trx, id, isLive ? end : { at: expiresAt, by: undefined, kind: "expired" });
  }
  await recordEvent(trx, "manifest.deleted", {
    repositoryId: repository.id,
    repository: repository.name,
    digest,
    tags,
    ...(by === undefined ? {} : { by }),
    audit: auditFacts(actor, repository, now),
  });
  return tags;
}

/** Without it, neither its own tags could be pulled nor those of indexes that it is part of. */
async function expectUnneeded(
  trx: Transaction<Tables>,
  repository: Repository,
  digest: Digest,
): Promise<void> {
  const needing = [digest, ...(await findAncestors(trx, repository.id, digest))];
  const tags = await lockOpenTagsOf(trx, repository.id, needing);
  if (tags.length === 0) return;
  const protects = await tagProtection(trx, repository);
  for (const { name, immutable } of tags) {
    const policy = protects(name);
    if (immutable === 1 || policy !== undefined) {
      throw tagImmutable(name, "deleted, nor what it needs", policy);
    }
  }
}
