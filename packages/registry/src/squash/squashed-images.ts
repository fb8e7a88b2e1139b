import { randomBytes } from "node:crypto";
import { digestOf, MediaType, ociLayerType } from "@wharf/image";
import type { Descriptor, Digest } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { findStoredBlob, recordLooseBlob } from "../repositories/repository-blob-store.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";
import type { Repository } from "../repositories/repository.ts";
import { readRange } from "../storage/filesystem/read-range.ts";
import { blobKey } from "../storage/object-keys.ts";
import type { CachedLayer, MadeLayer } from "./layer-cache.ts";
import { childImages, refused, sourceImage } from "./source-image.ts";
import type { SourceImage } from "./source-image.ts";
import { findSquashedImage, insertSquashedImage, insertSquashedIndex } from "./squashed-image-store.ts";
import type { SquashedImage } from "./squashed-image-store.ts";
import type { Encoding, SquashedLayers } from "./squashed-layers.ts";
import { SQUASH_VERSION } from "./squash-version.ts";

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
   * The squashed index of an index. What is no image of it (attestations) or absent is left out.
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
      const image = await sourceImage(this.#context, repository, manifest, undefined);
      const squashed = await this.of(image, compression);
      manifests.push(indexEntry(squashed, descriptor));
    }
    if (manifests.length === 0) throw refused("the index has no image that is in the repository");
    const bytes = jsonBytes({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests });
    const squashed = { digest: digestOf(bytes), manifest: bytes };
    await this.#context.database.transaction((trx) =>
      insertSquashedIndex(
        trx,
        { ...squashed, sourceDigest: index.digest },
        this.#context.now(),
      ),
    );
    return squashed;
  }

  async #make(image: SourceImage, compression: Encoding): Promise<SquashedImage> {
    const squash = await this.#layers.plan(image, 0);
    await using plain = this.#layers.acquire(image, squash, "none");
    const { digest: diffId } = await plain.made;
    const config = squash.configFor([diffId]);
    const layer =
      compression === "none"
        ? { digest: diffId, size: squash.size }
        : await this.#store(this.#layers.acquire(image, squash, compression));
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
    const { database, now } = this.#context;
    await database.transaction((trx) => insertSquashedImage(trx, SQUASH_VERSION, squashed, now()));
    return squashed;
  }

  /**
   * Puts a compressed layer into the blob store: another version of a compressor would make other bytes, so it is kept
   * as long as its digest is told to anybody.
   */
  async #store(compressed: CachedLayer): Promise<MadeLayer> {
    await using layer = compressed;
    const { store, database, now } = this.#context;
    const made = await layer.made;
    const { digest, size } = made;
    if ((await findStoredBlob(database.read, digest)) !== undefined) return made;
    const id = randomBytes(16).toString("hex");
    const key = blobKey(digest, randomBytes(8).toString("hex"));
    {
      await using writer = await store.openUpload(id, undefined);
      const { signal } = new AbortController();
      for await (const { fd, offset, size: length } of layer.pieces(0, size, signal)) {
        for await (const chunk of readRange(fd, offset, offset + length)) {
          await writer.write(Uint8Array.from(chunk)); // the reader uses its buffers again
        }
      }
      await writer.commit(key);
    }
    const kept = await database.transaction((trx) =>
      recordLooseBlob(trx, { digest, size, key }, now()),
    );
    if (kept !== key) await store.delete(key);
    return made;
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
