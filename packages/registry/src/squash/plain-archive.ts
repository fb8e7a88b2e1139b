import { createHash } from "node:crypto";
import { dockerArchiveParts, ociArchiveParts, ociLayerType } from "@wharf/image";
import type { ArchivedImage, Digest } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { parseManifestDocument } from "../distribution/manifest-document.ts";
import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import { objectContent } from "../http/send-content.ts";
import { findManifest } from "../repositories/manifest-store.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";
import { findRepositoryBlob } from "../repositories/repository-blob-store.ts";
import type { Repository } from "../repositories/repository.ts";
import type { Archive } from "./archive-content.ts";
import type { DownloadOptions } from "./download-options.ts";
import { hostOf } from "./wanted.ts";
import type { Wanted } from "./wanted.ts";
import { plainFile, storedFile } from "./layer-files.ts";
import type { LayerFile } from "./layer-files.ts";
import type { LayerIndexes } from "./layer-indexes.ts";
import { sourceImage } from "./source-image.ts";
import type { SourceImage } from "./source-image.ts";

/** An archive of images as they are; `identity` tells its bytes from those of any other. */
export interface PlainArchive extends Archive {
  readonly size: number;
  readonly identity: string;
}

/** Indexes in indexes that are followed. */
const DEPTH = 4;

/** Most manifests in one archive. */
const MOST_MANIFESTS = 500;

/**
 * An archive of one or several images that are not squashed. Their layers are files as they are stored, which every
 * engine inflates; `compression=none` makes plain tars of them, as `docker save` does.
 *
 * @throws {RegistryError} PARAMETER_INVALID, PLATFORM_UNKNOWN, SQUASH_REFUSED
 */
export async function plainArchive(
  context: RegistryContext,
  indexes: LayerIndexes,
  exchange: Exchange,
  repository: Repository,
  options: DownloadOptions,
  wanted: readonly Wanted[],
): Promise<PlainArchive> {
  if (options.compression === "gzip" || options.compression === "zstd") {
    throw new RegistryError(
      "PARAMETER_INVALID",
      "compression can only be none here; left out, layers stay as they were pushed",
      { detail: { parameter: "compression", value: options.compression } },
    );
  }
  const host = hostOf(exchange);
  return options.format === "oci"
    ? await ociArchive(context, repository, host, options, wanted)
    : await dockerArchive(context, indexes, repository, host, options, wanted);
}

async function dockerArchive(
  context: RegistryContext,
  indexes: LayerIndexes,
  repository: Repository,
  host: string,
  { platform, compression }: DownloadOptions,
  wanted: readonly Wanted[],
): Promise<PlainArchive> {
  const images = await Promise.all(
    wanted.map(async ({ label, manifest }) => {
      const image = await sourceImage(context, repository, manifest, platform);
      const layers =
        compression === "none"
          ? await plainFiles(context, indexes, image)
          : storedFiles(context, image);
      return {
        names: [`${host}/${repository.name}:${label}`],
        layers,
        config: () => image.config,
        image,
      };
    }),
  );
  const parts = dockerArchiveParts<LayerFile, (typeof images)[number]>(images);
  const digests = images.map(({ image }) => image.digest);
  const names = images.flatMap((image) => image.names);
  return {
    ...parts,
    identity: JSON.stringify(["docker-archive", compression ?? "stored", names, digests]),
    resolve: () => Promise.resolve(parts.parts),
  };
}

function storedFiles({ store }: RegistryContext, image: SourceImage): LayerFile[] {
  return image.layers.map((layer, number) => storedFile(store, layer, diffIdOf(image, number)));
}

async function plainFiles(
  { store }: RegistryContext,
  indexes: LayerIndexes,
  image: SourceImage,
): Promise<LayerFile[]> {
  const sizes = await indexes.sizes(image);
  return image.layers.map((layer, number) =>
    plainFile(store, layer, {
      size: sizes[number] ?? 0,
      diffId: diffIdOf(image, number),
      mediaType: ociLayerType("none"),
    }),
  );
}

function diffIdOf({ diffIds }: SourceImage, number: number): Digest {
  const diffId = diffIds[number];
  if (diffId === undefined) throw new RangeError(`no diffID of layer ${number}`);
  return diffId;
}

/** Everything that the tags lead to, byte for byte: digests stay. Any artifact can be taken along. */
async function ociArchive(
  context: RegistryContext,
  repository: Repository,
  host: string,
  { platform, compression }: DownloadOptions,
  wanted: readonly Wanted[],
): Promise<PlainArchive> {
  if (compression === "none") {
    throw new RegistryError(
      "PARAMETER_INVALID",
      "an OCI archive holds the layers as they were pushed, because their digests name them",
      { detail: { parameter: "compression" } },
    );
  }
  const images = await Promise.all(
    wanted.map(async ({ label, manifest }): Promise<ArchivedImage<LayerFile>> => {
      const root =
        platform === undefined ? manifest : await chosen(context, repository, manifest, platform);
      const { digest, mediaType, content } = root;
      return {
        names: [`${host}/${repository.name}:${label}`],
        root: { digest, mediaType, bytes: content },
        blobs: await contents(context, repository, root, DEPTH, { left: MOST_MANIFESTS }),
      };
    }),
  );
  const parts = ociArchiveParts(images);
  const identity = JSON.stringify(["oci", images.map(({ names, root }) => [names, root.digest])]);
  const present = parts.layers.map(({ digest }) => digest);
  return {
    ...parts,
    // Manifests of an index may come and go.
    identity: createHash("sha256")
      .update(JSON.stringify([identity, present, parts.size]))
      .digest("hex"),
    resolve: () => Promise.resolve(parts.parts),
  };
}

async function chosen(
  context: RegistryContext,
  repository: Repository,
  manifest: StoredManifest,
  platform: string,
): Promise<StoredManifest> {
  const {
    digest,
    mediaType,
    manifest: content,
  } = await sourceImage(context, repository, manifest, platform);
  return { kind: "image", digest, mediaType, content };
}

type Contents = ArchivedImage<LayerFile>["blobs"][number][];

/** What a manifest refers to and the repository has, leaves first. */
async function contents(
  context: RegistryContext,
  repository: Repository,
  manifest: StoredManifest,
  depth: number,
  manifests: { left: number },
): Promise<Contents> {
  if (depth === 0 || manifests.left-- === 0) {
    throw new RegistryError("SQUASH_REFUSED", "the index is too deep or too large for an archive");
  }
  const document = parseManifestDocument(manifest.content, manifest.mediaType);
  const found: Contents = [];
  const db = context.database.read;
  for (const { digest } of document.children) {
    const child = await findManifest(db, repository.id, digest);
    if (child === undefined) continue;
    found.push(...(await contents(context, repository, child, depth - 1, manifests)));
    found.push({ digest, bytes: child.content });
  }
  for (const { digest } of document.blobs) {
    const blob = await findRepositoryBlob(db, repository.id, digest);
    if (blob === undefined) continue;
    const { size, key } = blob;
    found.push({
      digest,
      size,
      diffId: undefined,
      mediaType: "application/octet-stream",
      open: async () => objectContent(await context.store.open(key)),
    });
  }
  return found;
}
