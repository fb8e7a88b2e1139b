import type { Digest } from "@wharf/image";
import type { Database } from "../database/database.ts";
import { recordEvent } from "../events/record-event.ts";
import { hideManifest } from "./manifest-store.ts";
import type { Repository } from "./repository.ts";
import { endTag, endTagsOf } from "./tag-store.ts";

/**
 * Deletes a manifest and the tags that point to it: nobody is served it from now on. Its bytes stay as long as one of
 * the tags can be taken back.
 *
 * @returns false when there is no such manifest
 */
export async function deleteManifest(
  database: Database,
  repository: Repository,
  digest: Digest,
  by: string | undefined,
  now: number,
): Promise<boolean> {
  return await database.transaction(async (trx) => {
    if (!(await hideManifest(trx, repository.id, digest, now))) return false;
    const tags = await endTagsOf(trx, repository.id, digest, now);
    const about = {
      repositoryId: repository.id,
      repository: repository.name,
      digest,
      tags,
      ...named(by),
    };
    await recordEvent(trx, "manifest.deleted", about);
    return true;
  });
}

/** Deletes a tag; the manifest stays. @returns false when there is no such tag */
export async function deleteTag(
  database: Database,
  repository: Repository,
  tag: string,
  by: string | undefined,
  now: number,
): Promise<boolean> {
  return await database.transaction(async (trx) => {
    const digest = await endTag(trx, repository.id, tag, now);
    if (digest === undefined) return false;
    const about = {
      repositoryId: repository.id,
      repository: repository.name,
      digest,
      tag,
      ...named(by),
    };
    await recordEvent(trx, "tag.deleted", about);
    return true;
  });
}

function named(by: string | undefined): { by?: string } {
  return by === undefined ? {} : { by };
}
