import { LRUCache } from "lru-cache";
import type { Digest } from "@wharf/image";
import type { Principal } from "../accounts/principal.ts";
import type { RegistryContext } from "../context.ts";
import { VersionedCache } from "../database/versioned-cache.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import { objectContent, sendContent } from "../http/send-content.ts";
import type { Content, OpenContent } from "../http/send-content.ts";
import type { Repository } from "../repositories/repository.ts";
import { deleteBlob } from "../repositories/delete-blob.ts";
import { findRepositoryBlob, renewBlob } from "../repositories/repository-blob-store.ts";
import type { StoredBlob } from "../repositories/repository-blob-store.ts";
import { readObject } from "../storage/read-object.ts";
import { openRepository } from "../repositories/open-repository.ts";
import { blobHeaders } from "./blob-headers.ts";
import { digestParameter } from "./reference.ts";

type RepositoryBlob = StoredBlob & { readonly touchedAt: number };

/** Makes blobs of squashed images, which are stored nowhere. */
export interface VirtualBlobs {
  findBlob(
    repository: Repository,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<Content | undefined>;
}

/** GET, HEAD and DELETE of blobs (distribution-spec, "Pulling blobs", "Deleting Blobs"). */
export class Blobs {
  readonly #context: RegistryContext;
  readonly #virtual: VirtualBlobs;
  readonly #links: VersionedCache<RepositoryBlob>;
  /** Small blobs by key; a key never gets another content. */
  readonly #small: LRUCache<string, Uint8Array>;

  constructor(context: RegistryContext, virtual: VirtualBlobs) {
    this.#context = context;
    this.#virtual = virtual;
    this.#links = new VersionedCache(context.database, 5_000);
    this.#small = new LRUCache({
      maxSize: Math.max(1, context.config.registry.blobCacheBytes),
      sizeCalculation: (bytes) => bytes.length + 200,
    });
  }

  async get(exchange: Exchange, name: string, text: string): Promise<void> {
    const { repository, principal } = await openRepository(this.#context, exchange, "pull", name);
    const digest = digestParameter(text);
    const blob = await this.#find(repository, digest);
    if (blob === undefined) {
      const virtual = await this.#virtual.findBlob(repository, digest, exchange.signal);
      if (virtual === undefined) throw unknownBlob(digest);
      await sendContent(exchange, virtual);
      return;
    }
    if (exchange.isHead) await this.#hold(principal, repository, blob);
    await this.#send(exchange, blob);
  }

  /** The blob as the repository has it, from memory when nothing has changed. */
  async #find(repository: Repository, digest: Digest): Promise<RepositoryBlob | undefined> {
    return await this.#links.find(`${repository.id} ${digest}`, () =>
      findRepositoryBlob(this.#context.database.read, repository.id, digest),
    );
  }

  async #send(exchange: Exchange, blob: StoredBlob): Promise<void> {
    const { store, config } = this.#context;
    const { digest, size, key } = blob;
    const headers = blobHeaders(digest);
    if (size <= config.registry.smallBlobBytes && !exchange.isHead) {
      const bytes = this.#small.get(key) ?? (await this.#load(key, size));
      await sendContent(exchange, { size, etag: `"${digest}"`, headers, bytes });
      return;
    }
    if (store.redirect !== undefined && !exchange.isHead) {
      const url = await store.redirect(key, { contentType: "application/octet-stream" });
      exchange.send(307, { Location: url, "Docker-Content-Digest": digest });
      return;
    }
    const open = async (): Promise<OpenContent> => objectContent(await store.open(key));
    await sendContent(exchange, { size, etag: `"${digest}"`, headers, open });
  }

  async #load(key: string, size: number): Promise<Uint8Array> {
    const bytes = await readObject(this.#context.store, key);
    if (bytes.length !== size) {
      throw new Error(`the stored object has ${bytes.length} bytes instead of ${size}`);
    }
    this.#small.set(key, bytes);
    return bytes;
  }

  /**
   * A client that pushes asks for a blob in order not to send it again; so it must not be collected before the
   * manifest comes.
   */
  async #hold(principal: Principal, repository: Repository, blob: RepositoryBlob): Promise<void> {
    const { accounts, database, config, now } = this.#context;
    if (blob.touchedAt >= now() - config.collection.lease / 2) return;
    if (!(await accounts.permissions.may(principal, "push", repository))) return;
    const isHeld = await database.transaction((trx) =>
      renewBlob(trx, repository.id, blob.digest, now()),
    );
    if (!isHeld) throw unknownBlob(blob.digest);
  }

  async delete(exchange: Exchange, name: string, text: string): Promise<void> {
    const { repository } = await openRepository(this.#context, exchange, "delete", name);
    const digest = digestParameter(text);
    const { database, now } = this.#context;
    const isDone = await deleteBlob(database, repository, digest, now());
    if (!isDone) throw unknownBlob(digest);
    exchange.send(202, { "Docker-Content-Digest": digest });
  }
}

function unknownBlob(digest: Digest): RegistryError {
  return new RegistryError("BLOB_UNKNOWN", "the repository has no such blob", {
    detail: { digest },
  });
}
