// Long because it is one thing: pushes, mounts and deletions as the registry does them, without HTTP.
import { digestOf, parseDigest } from "@wharf/image";
import type { Digest } from "@wharf/image";

import type { Database } from "../../database/database.ts";
import { SILENT_LOGGER } from "../../log.ts";
import { hideManifest, insertManifest } from "../../repositories/manifest-store.ts";
import { holdBlobs, linkStoredBlob, recordBlob } from "../../repositories/repository-blob-store.ts";
import { closeTag, lockOpenTag, lockOpenTagsOf } from "../../repositories/tag-store.ts";
import { pointTag } from "../../repositories/tags/point-tag.ts";
import { showImage } from "../../repositories/tags/show-image.ts";
import {
  hideRepository,
  showRepository,
} from "../../repositories/deleted/deleted-repository-store.ts";
import type { BlobStore } from "../../storage/blob-store.ts";
import { blobKey } from "../../storage/object-keys.ts";
import type { CollectedItem, CollectionReport } from "../collection-report.ts";
import type { CollectorConfig } from "../collection-run.ts";
import { GarbageCollector } from "../garbage-collector.ts";
import { clockedStore } from "./clocked-store.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const CONFIG: CollectorConfig = {
  collection: { lease: HOUR, tagExpiration: 14 * DAY, orphanAge: HOUR },
  registry: { uploadExpiration: DAY },
};

interface ManifestFacts {
  readonly blobs?: readonly Digest[];
  readonly children?: readonly Digest[];
  readonly subject?: Digest;
}

/** A registry whose clock stands still unless a test moves it. */
export class TestRegistry {
  readonly database: Database;
  readonly store: BlobStore;
  now = Date.UTC(2030, 0, 1);
  #generation = 0;

  constructor(database: Database, store: BlobStore) {
    this.database = database;
    this.store = clockedStore(store, () => this.now);
  }

  /** Lets time pass, by default until everything that may go does. */
  later(milliseconds = 15 * DAY): void {
    this.now += milliseconds;
  }

  collector(parts: Partial<Pick<TestRegistry, "database" | "store">> = {}): GarbageCollector {
    return new GarbageCollector({
      database: parts.database ?? this.database,
      store: parts.store ?? this.store,
      config: CONFIG,
      log: SILENT_LOGGER,
      now: () => this.now,
    });
  }

  async collect(): Promise<CollectionReport> {
    return await this.collector().collect();
  }

  /** @returns what a collection would take, sorted, such as `blobs sha256:…` */
  async plan(): Promise<{ report: CollectionReport; items: string[] }> {
    const items: string[] = [];
    const report = await this.collector().collect({
      dryRun: true,
      onItem: (item) => items.push(itemKey(item)),
    });
    return { report, items: items.toSorted() };
  }

  /** @param window of its namespace, in milliseconds; undefined: the registry's */
  async createRepository(name: string, window?: number): Promise<number> {
    return await this.database.transaction(async (trx) => {
      const namespace = await trx
        .insertInto("accounts")
        .values({
          kind: "organization",
          name: `${name}-owner`,
          namespace_id: null,
          email: null,
          password_hash: null,
          enabled: 1,
          superuser: 0,
          description: "",
          tag_expiration: window ?? null,
          created_at: this.now,
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      const repository = await trx
        .insertInto("repositories")
        .values({
          namespace_id: namespace.id,
          name: `${name}-owner/${name}`,
          visibility: "private",
          state: "normal",
          description: "",
          squash_at_push: 0,
          squash_compression: "none",
          created_at: this.now,
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      return repository.id;
    });
  }

  /** @returns false when it is deleted already */
  async deleteRepository(repository: number): Promise<boolean> {
    return await this.database.transaction((trx) =>
      hideRepository(trx, repository, "test", this.now),
    );
  }

  /** @param window of its namespace. @returns false when it cannot be restored any more */
  async restoreRepository(
    repository: number,
    window = CONFIG.collection.tagExpiration,
  ): Promise<boolean> {
    return await this.database.transaction((trx) =>
      showRepository(trx, repository, `back/${repository}`, this.now - window),
    );
  }

  /** Object first, then the row. */
  async pushBlob(repository: number, content: string): Promise<Digest> {
    const blob = await this.storeObject(content);
    await this.recordObject(repository, blob);
    return blob.digest;
  }

  async storeObject(content: string): Promise<{ digest: Digest; size: number; key: string }> {
    const bytes = new TextEncoder().encode(content);
    const digest = digestOf(bytes);
    const key = blobKey(digest, `g${++this.#generation}`);
    await this.store.put(key, bytes);
    return { digest, size: bytes.length, key };
  }

  async recordObject(
    repository: number,
    blob: { digest: Digest; size: number; key: string },
  ): Promise<void> {
    const kept = await this.database.transaction((trx) =>
      recordBlob(trx, repository, blob, this.now),
    );
    if (kept !== blob.key) await this.store.delete(blob.key);
  }

  /** @returns false when there is no such blob */
  async mount(repository: number, digest: Digest): Promise<boolean> {
    const size = await this.database.transaction((trx) =>
      linkStoredBlob(trx, repository, digest, this.now),
    );
    return size !== undefined;
  }

  /** @returns the digest, or undefined when the repository does not have one of the blobs */
  async pushManifest(
    repository: number,
    { blobs = [], children = [], subject }: ManifestFacts,
    tag?: string,
  ): Promise<Digest | undefined> {
    const content = new TextEncoder().encode(JSON.stringify({ blobs, children, subject }));
    const digest = digestOf(content);
    return await this.database.transaction(async (trx) => {
      const held = await holdBlobs(
        trx,
        repository,
        [...blobs],
        this.now,
        CONFIG.collection.lease / 2,
      );
      if (blobs.some((blob) => !held.has(blob))) return undefined;
      await insertManifest(
        trx,
        repository,
        {
          digest,
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          kind: children.length > 0 ? "index" : "image",
          content,
          artifactType: undefined,
          subject,
          annotations: undefined,
          totalSize: 0,
          blobs,
          children,
        },
        this.now,
      );
      if (tag !== undefined)
        await pointTag(trx, named(repository), { tag, digest, by: "test" }, this.now);
      return digest;
    });
  }

  /** An image with a config and a layer of its own, and other layers. */
  async pushImage(
    repository: number,
    name: string,
    { tag, layers = [] }: { tag?: string; layers?: readonly Digest[] } = {},
  ): Promise<Digest> {
    const config = await this.pushBlob(repository, `config of ${name}`);
    const layer = await this.pushBlob(repository, `layer of ${name}`);
    const blobs = [config, layer, ...layers];
    const digest = await this.pushManifest(repository, { blobs }, tag);
    if (digest === undefined) throw new Error("a blob that was just pushed is gone");
    return digest;
  }

  async deleteTag(repository: number, tag: string): Promise<void> {
    await this.database.transaction(async (trx) => {
      const open = await lockOpenTag(trx, named(repository), tag);
      if (open !== undefined) await closeTag(trx, open.id, this.#deletion());
    });
  }

  async deleteManifest(repository: number, digest: Digest): Promise<void> {
    await this.database.transaction(async (trx) => {
      if (!(await hideManifest(trx, repository, digest, this.now))) return;
      for (const { id } of await lockOpenTagsOf(trx, repository, [digest])) {
        await closeTag(trx, id, this.#deletion());
      }
    });
  }

  #deletion(): { readonly at: number; readonly by: undefined; readonly kind: "deleted" } {
    return { at: this.now, by: undefined, kind: "deleted" };
  }

  /** Takes a tag back to a manifest that one of its intervals in the window points to. @returns false when it is gone */
  async restoreTag(repository: number, tag: string, digest: Digest): Promise<boolean> {
    return await this.database.transaction(async (trx) => {
      const since = this.now - CONFIG.collection.tagExpiration;
      const past = await trx
        .selectFrom("tags")
        .select("id")
        .where("repository_id", "=", repository)
        .where("name", "=", tag)
        .where("manifest_digest", "=", digest)
        .where("ended_at", ">=", since)
        .executeTakeFirst();
      if (past === undefined) return false;
      if (!(await showImage(trx, repository, digest, this.now))) return false;
      await pointTag(trx, named(repository), { tag, digest, by: "test" }, this.now);
      return true;
    });
  }

  /** Everything that is there, in words that compare well. */
  async contents(): Promise<Contents> {
    const { read } = this.database;
    const manifests = await read
      .selectFrom("manifests")
      .select(["repository_id", "digest"])
      .execute();
    const links = await read
      .selectFrom("repository_blobs")
      .select(["repository_id", "digest"])
      .execute();
    const blobs = await read.selectFrom("blobs").select(["digest", "state"]).execute();
    const tags = await read
      .selectFrom("tags")
      .select(["repository_id", "name", "manifest_digest"])
      .execute();
    const objects: string[] = [];
    for await (const { key } of this.store.list("")) objects.push(key);
    return {
      manifests: manifests.map((row) => `${row.repository_id} ${row.digest}`).toSorted(),
      links: links.map((row) => `${row.repository_id} ${row.digest}`).toSorted(),
      blobs: blobs
        .map((row) => (row.state === "live" ? row.digest : `${row.state} ${row.digest}`))
        .toSorted(),
      tags: tags.map((row) => `${row.repository_id} ${row.name} ${row.manifest_digest}`).toSorted(),
      objects: objects.toSorted(),
    };
  }

  /** Whether a blob can be read: its row is live and its object is there. */
  async isWhole(digest: Digest): Promise<boolean> {
    const row = await this.database.read
      .selectFrom("blobs")
      .select(["key", "size"])
      .where("digest", "=", digest)
      .where("state", "=", "live")
      .executeTakeFirst();
    return row !== undefined && (await this.store.stat(row.key)) === row.size;
  }

  /** Whether a manifest is there with all its blobs. */
  async isImageWhole(repository: number, manifest: Digest): Promise<boolean> {
    const { read } = this.database;
    const row = await read
      .selectFrom("manifests")
      .select("digest")
      .where("repository_id", "=", repository)
      .where("digest", "=", manifest)
      .executeTakeFirst();
    if (row === undefined) return false;
    const blobs = await read
      .selectFrom("manifest_blobs as m")
      .leftJoin("repository_blobs as b", (join) =>
        join
          .onRef("b.repository_id", "=", "m.repository_id")
          .onRef("b.digest", "=", "m.blob_digest"),
      )
      .select(["m.blob_digest", "b.digest as linked"])
      .where("m.repository_id", "=", repository)
      .where("m.manifest_digest", "=", manifest)
      .execute();
    for (const { blob_digest, linked } of blobs) {
      if (linked === null || !(await this.isWhole(parseDigest(blob_digest)))) return false;
    }
    return true;
  }
}

/** No namespace has policies here. */
function named(id: number): { readonly id: number; readonly namespaceId: number } {
  return { id, namespaceId: 0 };
}

export interface Contents {
  readonly manifests: readonly string[];
  readonly links: readonly string[];
  readonly blobs: readonly string[];
  readonly tags: readonly string[];
  readonly objects: readonly string[];
}

export const NOTHING: Contents = { manifests: [], links: [], blobs: [], tags: [], objects: [] };

export function itemKey({ kind, repository, tag, digest, name, bytes }: CollectedItem): string {
  const words = [kind, repository, tag, digest, name, bytes];
  return words.filter((word) => word !== undefined).join(" ");
}
