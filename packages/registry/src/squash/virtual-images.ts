import { Readable } from "node:stream";
import { MediaType } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { within } from "../concurrency/within.ts";
import { blobHeaders } from "../distribution/blob-headers.ts";
import type { VirtualManifest } from "../distribution/manifests.ts";
import { RegistryError } from "../http/registry-error.ts";
import { objectContent } from "../http/send-content.ts";
import type { Content } from "../http/send-content.ts";
import { expectYoungObject } from "../repositories/expect-young-object.ts";
import { findManifest, findTaggedManifest } from "../repositories/manifest-store.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";
import type { Repository } from "../repositories/repository.ts";
import {
  findStoredBlob,
  linkStoredBlob,
  recordBlob,
} from "../repositories/repository-blob-store.ts";
import { comeAgain } from "./come-again.ts";
import { sourceImage } from "./source-image.ts";
import { findSquashedIndex, findSquashedPart } from "./squashed-image-store.ts";
import type { SquashedImage } from "./squashed-image-store.ts";
import type { SquashedImages } from "./squashed-images.ts";
import type { SquashedLayers } from "./squashed-layers.ts";
import { storePieces } from "./store-pieces.ts";

/** Under `<tag>.squash` the image of `<tag>` is pulled as one layer. */
const SUFFIX = ".squash";

/** What the distribution API serves of squashed images: tags, manifests and blobs that nobody has pushed. */
export class VirtualImages {
  readonly #context: RegistryContext;
  readonly #images: SquashedImages;
  readonly #layers: SquashedLayers;

  constructor(context: RegistryContext, images: SquashedImages, layers: SquashedLayers) {
    this.#context = context;
    this.#images = images;
    this.#layers = layers;
  }

  /**
   * The squashed image or index of a tag that ends in `.squash`.
   *
   * @returns undefined when there is no tag without the suffix
   * @throws {RegistryError} UNAVAILABLE when its digest takes longer than a client should wait, SQUASH_REFUSED
   */
  async findTag(repository: Repository, tag: string): Promise<VirtualManifest | undefined> {
    if (!tag.endsWith(SUFFIX) || tag.length === SUFFIX.length) return undefined;
    const { database, config, now } = this.#context;
    const sourceTag = tag.slice(0, -SUFFIX.length);
    const source = await findTaggedManifest(database.read, repository.id, sourceTag, now());
    if (source === undefined) return undefined;
    const squashing = this.#squash(repository, source);
    const squashed = await within(config.squash.waitTimeout, squashing, comeAgain);
    return { ...squashed, sourceTag, source: source.digest };
  }

  async #squash(repository: Repository, source: StoredManifest): Promise<StoredManifest> {
    const compression = repository.squashCompression;
    if (source.kind === "index") {
      const index = await this.#images.ofIndex(repository, source, compression);
      return manifestOf("index", MediaType.ociIndex, index.digest, index.manifest);
    }
    const image = await sourceImage(this.#context, repository, source, undefined);
    const { manifestDigest, manifest } = await this.#images.of(image, compression);
    return manifestOf("image", MediaType.ociManifest, manifestDigest, manifest);
  }

  async findManifest(repository: Repository, digest: Digest): Promise<VirtualManifest | undefined> {
    const db = this.#context.database.read;
    const image = await findSquashedPart(db, repository.id, "manifest_digest", digest);
    if (image !== undefined) {
      const manifest = manifestOf("image", MediaType.ociManifest, digest, image.manifest);
      return { ...manifest, source: image.sourceDigest };
    }
    const index = await findSquashedIndex(db, repository.id, digest);
    return index === undefined ? undefined : manifestOf("index", MediaType.ociIndex, digest, index);
  }

  /** The config or layer of a squashed image. A plain layer is made again whenever it is asked for. */
  async findBlob(
    repository: Repository,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<Content | undefined> {
    const db = this.#context.database.read;
    const about = { etag: `"${digest}"`, headers: blobHeaders(digest) };
    const layerOf = await findSquashedPart(db, repository.id, "layer_digest", digest);
    if (layerOf !== undefined) {
      const size = layerOf.layerSize;
      return layerOf.compression === "none"
        ? { ...about, size, open: () => this.#openPlain(repository, layerOf, signal) }
        : await this.#stored(about, digest);
    }
    const configOf = await findSquashedPart(db, repository.id, "config_digest", digest);
    if (configOf === undefined) return undefined;
    return { ...about, size: configOf.config.length, bytes: configOf.config };
  }

  /** Somebody pushes the squashed image under a name of its own: from now on it is one like any other. */
  async storeBlob(repository: Repository, digest: Digest, signal: AbortSignal): Promise<boolean> {
    const content = await this.findBlob(repository, digest, signal);
    if (content === undefined) return false;
    const { store, database, config, now } = this.#context;
    const linked = await database.transaction((trx) =>
      linkStoredBlob(trx, repository.id, digest, now()),
    );
    if (linked !== undefined) return true;
    const { size, bytes } = content;
    await using opened = await content.open?.({ start: 0, end: size });
    const pieces = bytes === undefined ? opened?.pieces(0, size) : Readable.from([bytes]);
    if (pieces === undefined) throw new Error("content has neither bytes nor a way to open it");
    const { key, since } = await storePieces(store, digest, pieces, now);
    const kept = await database.transaction((trx) => {
      expectYoungObject(since, now(), config.collection.orphanAge);
      return recordBlob(trx, repository.id, { digest, size, key }, now());
    });
    if (kept !== key) await store.delete(key);
    return true;
  }

  async #stored(
    about: Pick<Content, "etag" | "headers">,
    digest: Digest,
  ): Promise<Content | undefined> {
    const { database, store } = this.#context;
    const blob = await findStoredBlob(database.read, digest);
    if (blob === undefined) return undefined;
    const open = async (): ReturnType<NonNullable<Content["open"]>> =>
      objectContent(await store.open(blob.key));
    return { ...about, size: blob.size, open };
  }

  async #openPlain(
    repository: Repository,
    squashed: SquashedImage,
    signal: AbortSignal,
  ): ReturnType<NonNullable<Content["open"]>> {
    const { sourceDigest, keep, tarSize, layerDigest } = squashed;
    const manifest = await findManifest(this.#context.database.read, repository.id, sourceDigest);
    if (manifest === undefined) {
      throw new RegistryError("BLOB_UNKNOWN", "the image that the layer was made of is gone");
    }
    const image = await sourceImage(this.#context, repository, manifest, undefined);
    const squash = await this.#layers.plan(image, keep);
    if (squash.size !== tarSize) throw new Error("the layer would not be what it was");
    const layer = this.#layers.acquire(image, squash, "none");
    // Only what is complete is known to have the digest that was promised; a wrong one breaks off before its end.
    const last = async (): Promise<void> => {
      const { digest } = await layer.made;
      if (digest !== layerDigest) throw new Error("the layer is not what it was");
    };
    return {
      async *pieces(start, end) {
        const most = Math.min(end, Math.max(start, tarSize - 1));
        yield* layer.pieces(start, most, signal);
        await last();
        yield* layer.pieces(most, end, signal);
      },
      [Symbol.asyncDispose]: () => layer[Symbol.asyncDispose](),
    };
  }
}

function manifestOf(
  kind: "image" | "index",
  mediaType: string,
  digest: Digest,
  content: Uint8Array,
): StoredManifest {
  return { kind, mediaType, digest, content };
}
