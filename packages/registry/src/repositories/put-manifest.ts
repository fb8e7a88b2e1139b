import type { Digest } from "@wharf/image";
import { principalName } from "../accounts/principal.ts";
import type { Principal } from "../accounts/principal.ts";
import { auditFacts } from "../audit/performer.ts";
import type { Database } from "../database/database.ts";
import { recordEvent } from "../events/record-event.ts";
import { RegistryError } from "../http/registry-error.ts";
import { insertManifest } from "./manifest-store.ts";
import type { NewManifest } from "./manifest-store.ts";
import type { Repository } from "./repository.ts";
import { holdBlobs, lockShownBlobs } from "./repository-blob-store.ts";
import { pointPushedTag } from "./tags/mark-tag.ts";
import { tagMarks } from "./tags/tag-marks.ts";

/** A blob that a manifest refers to, and where. */
export interface ReferredBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly field: string;
  /** The repository need not have it; when it does, the manifest keeps it. */
  readonly isOptional: boolean;
}

export interface ManifestPush {
  readonly manifest: Omit<NewManifest, "blobs">;
  readonly blobs: readonly ReferredBlob[];
  readonly tags: readonly string[];
  /** Who pushes, for the history of the tags and the audit log. */
  readonly actor: Principal;
  /** Lease of blobs in milliseconds. */
  readonly lease: number;
}

/**
 * Stores a manifest whose blobs the repository has, and points its tags to it: all of it or nothing.
 * The caller has checked that pushing is allowed.
 *
 * @throws {RegistryError} MANIFEST_BLOB_UNKNOWN naming every absent blob, SIZE_INVALID, TAG_IMMUTABLE
 */
export async function putManifest(
  database: Database,
  repository: Repository,
  push: ManifestPush,
  now: number,
): Promise<void> {
  const digests = [...new Set(push.blobs.map(({ digest }) => digest))];
  await database.transaction(async (trx) => {
    const sizes = await holdBlobs(trx, repository.id, digests, now, push.lease / 2);
    checkBlobs(push.blobs, sizes);
    // On SQLite a transaction that writes is alone; here somebody could delete a blob meanwhile (deleteBlob).
    if (database.dialect === "postgres") {
      const shown = await lockShownBlobs(trx, repository.id, digests);
      checkBlobs(push.blobs, new Map([...sizes].filter(([digest]) => shown.has(digest))));
    }
    const blobs = digests.filter((digest) => sizes.has(digest));
    await insertManifest(trx, repository.id, { ...push.manifest, blobs }, now);
    const { digest } = push.manifest;
    const by = principalName(push.actor);
    const marks = tagMarks(push.manifest.annotations);
    const moved: { tag: string; previous?: string }[] = [];
    // In the same order everywhere: two pushes of the same tags wait for each other in turn.
    for (const tag of push.tags.toSorted()) {
      const { status, before } = await pointPushedTag(
        trx,
        repository,
        { tag, digest, by },
        marks,
        now,
      );
      if (status === "unchanged") continue;
      moved.push({ tag, ...(before === undefined ? {} : { previous: before }) });
    }
    await recordEvent(trx, "manifest.pushed", {
      repositoryId: repository.id,
      repository: repository.name,
      digest,
      tags: push.tags,
      moved,
      ...(by === undefined ? {} : { by }),
      audit: auditFacts(push.actor, repository, now),
    });
  });
}

function checkBlobs(blobs: readonly ReferredBlob[], sizes: ReadonlyMap<string, number>): void {
  const absent = blobs.filter(({ digest, isOptional }) => !isOptional && !sizes.has(digest));
  if (absent.length > 0) {
    throw new RegistryError(
      "MANIFEST_BLOB_UNKNOWN",
      `the manifest refers to ${absent.length === 1 ? "a blob" : `${absent.length} blobs`} that the repository does not have`,
      { detail: absent.slice(0, 20).map(({ digest, field }) => ({ digest, field })) },
    );
  }
  const wrong = blobs.find(({ digest, size }) => (sizes.get(digest) ?? size) !== size);
  if (wrong !== undefined) {
    throw new RegistryError(
      "MANIFEST_INVALID",
      `the manifest is not valid: ${wrong.field}.size is ${wrong.size}, the blob has ${sizes.get(wrong.digest) ?? 0} bytes`,
      { detail: { field: `${wrong.field}.size`, digest: wrong.digest } },
    );
  }
}
