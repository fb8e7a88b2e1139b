import { digestOf, MediaType, ociLayerType } from "@wharf/image";
import type { Descriptor, Digest } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { recordLooseBlob, renewStoredBlob } from "../repositories/repository-blob-store.ts";
import { RegistryError } from "../http/registry-error.ts";
import { expectYoungObject } from "../repositories/expect-young-object.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";
import type { Repository } from "../repositories/repository.ts";
import type { CachedLayer } from "./layer-cache.ts";
import { childImages, NO_IMAGE, refused, sourceImage } from "./source-image.ts";
import type { SourceImage } from "./source-image.ts";
import {
  findSquashedImage,
  findSquashedIndex,
  insertSquashedImage,
  insertSquashedIndex,
} from "./squashed-image-store.ts";
import type { SquashedImage } from "./squashed-image-store.ts";
import type { Encoding, SquashedLayers } from "./squashed-layers.ts";
import { SQUASH_VERSION } from "./squash-version.ts";
import { storePieces } from "./store-pieces.ts";

/** A squashed index: manifests of squashed images, one for each platform. */
export interface SquashedIndex {
  readonly digest: Digest;
  readonly manifest: Uint8Array;
}

/** Squashed images as they are pulled: one layer, whose digest must be known before. */
export class SquashedImages {
  readonly #context: RegistryContext;
  readonly #layers: SquashedLayers;
  readonly #making = new Map<string, Promise<SquashedImage>>();

  constructor(context: RegistryContext, layers: SquashedLayers) {
    this.#context = context;
    this.#layers = layers;
  }

  /** The squashed image of an image; the first time all of its layer is made for its digest. */
  async of(image: SourceImage, compression: Encoding): Promise<SquashedImage> {
    const { database } = this.#context;
    const { digest } = image;
    const known = await findSquashedImage(database.read, digest, SQUASH_VERSION, 0, compression);
    if (known !== undefined) return known;
    const key = `${digest} ${compression}`;
    const making =
      this.#making.get(key) ??
      this.#make(image, compression).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return await making;
  }

  /**
   * The squashed index of an index. What is no image of it (attestations, artifacts) or absent is left out.
   *
   * @throws {RegistryError} SQUASH_REFUSED when nothing is left
   */
  async ofIndex(
    repository: Repository,
    index: StoredManifest,
    compression: Encoding,
  ): Promise<SquashedIndex> {
    const manifests: object[] = [];
    for (const { descriptor, manifest } of await childImages(this.#context, repository, index)) {
      const image = await imageUnlessArtifact(this.#context, repository, manifest);
      if (image === undefined) continue;
      const squashed = await this.of(image, compression);
      manifests.push(indexEntry(squashed, descriptor));
    }
    if (manifests.length === 0) throw refused("the index has no image that is in the repository");
    const bytes = jsonBytes({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests });
    const squashed = { digest: digestOf(bytes), manifest: bytes };
    const { database, now } = this.#context;
    // Most pulls find it recorded, and a pull should write nothing.
    const known = await findSquashedIndex(database.read, repository.id, squashed.digest);
    if (known !== undefined) return squashed;
    await database.transaction((trx) =>
      insertSquashedIndex(trx, { ...squashed, sourceDigest: index.digest }, now()),
    );
    return squashed;
  }

  async #make(image: SourceImage, compression: Encoding): Promise<SquashedImage> {
    const squash = await this.#layers.plan(image, 0);
    if (squash.plan === undefined) throw refused("it has no layers");
    await using plain = this.#layers.acquire(image, squash, "none");
    const { digest: diffId } = await plain.made;
    await using packed =
      compression === "none" ? undefined : this.#layers.acquire(image, squash, compression);
    const layer = packed === undefined ? { digest: diffId, size: squash.size } : await packed.made;
    const config = squash.configFor([diffId]);
    const configDigest = digestOf(config);
    const manifest = jsonBytes({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: { mediaType: MediaType.ociConfig, digest: configDigest, size: config.length },
      layers: [{ mediaType: ociLayerType(compression), digest: layer.digest, size: layer.size }],
      ...(image.annotations === undefined ? {} : { annotations: image.annotations }),
    });
    const squashed: SquashedImage = {
      sourceDigest: image.digest,
      keep: 0,
      compression,
      manifestDigest: digestOf(manifest),
      manifest,
      configDigest,
      config,
      layerDigest: layer.digest,
      layerSize: layer.size,
      diffId,
      tarSize: squash.size,
    };
    if (packed === undefined) {
      const { database, now } = this.#context;
      await database.transaction((trx) =>
        insertSquashedImage(trx, SQUASH_VERSION, squashed, now()),
      );
    } else {
      await this.#keep(squashed, packed);
    }
    // Another replica may have been first, with another version of the compressor: what is recorded counts.
    const { read } = this.#context.database;
    const recorded = await findSquashedImage(read, image.digest, SQUASH_VERSION, 0, compression);
    return recorded ?? squashed;
  }

  /**
   * Records an image whose layer is compressed. The layer goes into the blob store: another version of a compressor
   * would make other bytes, so it is kept as long as its digest is told to anybody.
   */
  async #keep(squashed: SquashedImage, layer: CachedLayer): Promise<void> {
    const { store, database, config, now } = this.#context;
    const { layerDigest: digest, layerSize: size } = squashed;
    const isStored = await database.transaction(async (trx) => {
      if ((await renewStoredBlob(trx, digest, now())) === undefined) return false;
      await insertSquashedImage(trx, SQUASH_VERSION, squashed, now());
      return true;
    });
    if (isStored) return;
    const { signal } = new AbortController();
    const { key, since } = await storePieces(store, digest, layer.pieces(0, size, signal), now);
    const kept = await database.transaction(async (trx) => {
      expectYoungObject(since, now(), config.collection.orphanAge);
      const known = await recordLooseBlob(trx, { digest, size, key }, now());
      await insertSquashedImage(trx, SQUASH_VERSION, squashed, now());
      return known;
    });
    if (kept !== key) await store.delete(key);
  }
}

async function imageUnlessArtifact(
  context: RegistryContext,
  repository: Repository,
  manifest: StoredManifest,
): Promise<SourceImage | undefined> {
  try {
    return await sourceImage(context, repository, manifest, undefined);
  } catch (error) {
    if (error instanceof RegistryError && error.status === NO_IMAGE) return undefined;
    throw error;
  }
}

function indexEntry(squashed: SquashedImage, { platform, annotations }: Descriptor): object {
  const { os = "linux", architecture = "amd64", variant, osVersion } = platform ?? {};
  return {
    mediaType: MediaType.ociManifest,
    digest: squashed.manifestDigest,
    size: squashed.manifest.length,
    platform: {
      architecture,
      os,
      ...(osVersion === undefined ? {} : { "os.version": osVersion }),
      ...(variant === undefined ? {} : { variant }),
    },
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function jsonBytes(document: object): Buffer {
  return Buffer.from(JSON.stringify(document), "utf8");
}
