import type { Transaction } from "kysely";
import type { Tables } from "../tables.ts";

type Trx = Transaction<Tables>;

/** @returns the number of a new organization */
export async function addNamespace(trx: Trx, name: string): Promise<number> {
  const { id } = await trx
    .insertInto("accounts")
    .values({ ...ACCOUNT, kind: "organization", name })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** @returns the number of a new repository */
export async function addRepository(trx: Trx, namespaceId: number, name: string): Promise<number> {
  const { id } = await trx
    .insertInto("repositories")
    .values({
      namespace_id: namespaceId,
      name,
      visibility: "private",
      state: "normal",
      description: "",
      squash_at_push: 0,
      squash_compression: "none",
      created_at: 1,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** Adds a blob that the repository has. */
export async function addBlob(trx: Trx, repositoryId: number, digest: string): Promise<void> {
  await trx
    .insertInto("blobs")
    .values({ digest, size: 1, key: digest, state: "live", created_at: 1, touched_at: 1 })
    .execute();
  await trx
    .insertInto("repository_blobs")
    .values({ repository_id: repositoryId, digest, touched_at: 1 })
    .execute();
}

export async function addManifest(
  trx: Trx,
  repositoryId: number,
  digest: string,
  content = new Uint8Array(2),
): Promise<void> {
  await trx
    .insertInto("manifests")
    .values({
      repository_id: repositoryId,
      digest,
      media_type: "application/vnd.oci.image.manifest.v1+json",
      artifact_type: null,
      subject_digest: null,
      annotations: null,
      content,
      size: content.length,
      kind: "image",
      total_size: 1,
      created_at: 1,
      deleted_at: null,
      touched_at: 1,
    })
    .execute();
}

/** Opens a tag. */
export async function addTag(
  trx: Trx,
  repositoryId: number,
  name: string,
  digest: string,
): Promise<void> {
  await trx
    .insertInto("tags")
    .values({
      repository_id: repositoryId,
      name,
      manifest_digest: digest,
      started_at: 1,
      ended_at: null,
      started_by: null,
    })
    .execute();
}

const ACCOUNT = {
  namespace_id: null,
  email: null,
  password_hash: null,
  enabled: 1,
  superuser: 0,
  description: "",
  tag_expiration: null,
  created_at: 1,
};
