import type { Digest } from "../document/digest.ts";
import { digestOf } from "../document/digest.ts";
import { ArchivePartsBuilder, partsSize } from "./archive-parts.ts";
import type { ArchivePart, ArchiveParts } from "./archive-parts.ts";
import { layerFiles } from "./docker-layer-files.ts";
import type { FiledLayer, LayerFile } from "./docker-layer-files.ts";
import { configName, manifestBytes, manifestEntry } from "./docker-manifest.ts";
import type { ManifestEntry } from "./docker-manifest.ts";

/** Takes the place of a diffID while only lengths count. */
const ANY_DIGEST = digestOf(new Uint8Array());

/** An image as far as a docker-archive goes; an `OutputImage` is one. */
export interface FiledImage<Layer extends FiledLayer = FiledLayer> {
  /** Those without a tag are left out. */
  readonly names: readonly string[];
  /** Lowest first. Their files are plain tars or, since every engine inflates them, gzip or zstd. */
  readonly layers: readonly Layer[];
  /** The config for these layers, lowest first. Its length does not depend on the digests. */
  config(diffIds: readonly Digest[]): Uint8Array;
}

/** The config of an image as it stands in the archive. */
export interface FiledConfig<Image> {
  readonly image: Image;
  readonly digest: Digest;
  /** Of all layers of the image, lowest first. */
  readonly diffIds: readonly Digest[];
}

/** A docker-archive whose last part waits for the digests of layers that are being made. */
export interface DockerArchiveParts<Layer, Image> extends ArchiveParts<Layer> {
  /** Names of the layer files. */
  readonly layerNames: readonly string[];
  /** @param diffIds of {@link ArchiveParts.layers}; a layer that knows its own needs none */
  readonly resolve: (diffIds: readonly (Digest | undefined)[]) => ResolvedDockerArchive<Image>;
}

/** A docker-archive of which everything is known. */
export interface ResolvedDockerArchive<Image> {
  readonly parts: readonly ArchivePart[];
  /** One for each image. */
  readonly configs: readonly FiledConfig<Image>[];
}

/**
 * Lays out a docker-archive as `writeDockerArchive` writes it: layer files first, then the configs, `manifest.json`
 * last. Everything up to the last layer is known at once, what comes then when all diffIDs are.
 *
 * @example
 * const layer = { size: 1000, diffId: undefined };
 * const config = (diffIds: readonly string[]) => Buffer.from(JSON.stringify({ rootfs: { diff_ids: diffIds } }));
 * const { parts, size } = dockerArchiveParts([{ names: ["app:1"], layers: [layer], config }]);
 * parts.map(({ kind, length }) => [kind, length]); // => [["bytes", 512], ["layer", 1000], ["bytes", 3096]]
 * size; // => 4608
 */
export function dockerArchiveParts<Layer extends FiledLayer, Image extends FiledImage<Layer>>(
  images: readonly (Image & FiledImage<Layer>)[],
): DockerArchiveParts<Layer, Image> {
  const files = layerFiles(images);
  const build = (diffIds: readonly (Digest | undefined)[]): ResolvedDockerArchive<Image> =>
    buildArchive<Layer, Image>(images, files, diffIds);
  const { parts } = build([]);
  const size = partsSize(parts);
  const isKnown = files.every(({ layer }) => layer.diffId !== undefined);
  return {
    size,
    parts: isKnown ? parts : withoutEnd(parts),
    layers: files.map(({ layer }) => layer),
    layerNames: files.map(({ name }) => name),
    resolve(diffIds) {
      for (const [number, { name, layer }] of files.entries()) {
        if ((layer.diffId ?? diffIds[number]) === undefined)
          throw new RangeError(`the diffID of ${name} is missing`);
      }
      const resolved = build(diffIds);
      if (partsSize(resolved.parts) !== size)
        throw new Error("the configs have another length than was announced");
      return resolved;
    },
  };
}

function buildArchive<Layer extends FiledLayer, Image extends FiledImage<Layer>>(
  images: readonly Image[],
  files: readonly LayerFile<Layer>[],
  diffIds: readonly (Digest | undefined)[],
): ResolvedDockerArchive<Image> {
  const archive = new ArchivePartsBuilder();
  const filed = new Map<Layer, { name: string; diffId: Digest }>();
  for (const [number, { name, layer, twins }] of files.entries()) {
    archive.layerFile(name, number, layer.size);
    const diffId = layer.diffId ?? diffIds[number] ?? ANY_DIGEST;
    for (const twin of twins) filed.set(twin, { name, diffId });
  }
  const entries: ManifestEntry[] = [];
  const configs: FiledConfig<Image>[] = [];
  for (const image of images) {
    const own = image.layers.map((layer) => filed.get(layer) ?? { name: "", diffId: ANY_DIGEST });
    const ids = own.map(({ diffId }) => diffId);
    const bytes = image.config(ids);
    const digest = digestOf(bytes);
    archive.file(configName(digest), bytes);
    configs.push({ image, digest, diffIds: ids });
    const fileNames = own.map(({ name }) => name);
    entries.push(manifestEntry(image.names, digest, fileNames));
  }
  archive.file("manifest.json", manifestBytes(entries));
  return { parts: archive.end(), configs };
}

function withoutEnd(parts: readonly ArchivePart[]): ArchivePart[] {
  const end = parts.at(-1)?.length ?? 0;
  return [...parts.slice(0, -1), { kind: "bytes", length: end, bytes: undefined }];
}
