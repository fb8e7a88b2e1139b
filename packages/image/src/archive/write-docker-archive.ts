import type { ByteSink } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";
import { digestOf } from "../document/digest.ts";
import { dockerLayerType } from "../document/media-types.ts";
import type { OutputImage, OutputLayer } from "../squash/output-image.ts";
import type { OnProgress } from "../progress.ts";
import { ArchiveWriter, archiveSize, fileSize } from "./archive-writer.ts";
import { layerFiles } from "./docker-layer-files.ts";
import { configName, manifestBytes, manifestEntry } from "./docker-manifest.ts";
import type { ManifestEntry } from "./docker-manifest.ts";
import { hashedTransfer } from "./hashed-transfer.ts";
import type { WrittenImage } from "./written-image.ts";

/** Takes the place of a diffID while only lengths count. */
const ANY_DIGEST = digestOf(new Uint8Array());

/**
 * Writes a docker-archive that `docker load` (20.10 and newer), podman, skopeo and ctr take: plain layers first, then
 * the configs, `manifest.json` last. So layers are hashed while they pass and every length is known before. The same
 * images give the same bytes. Layers that several images share are written once.
 *
 * Only names with a tag can stand in a docker-archive; others are left out.
 *
 * @param sink takes the archive; where it fails, or the result is an error, what it has taken so far is worthless
 * @returns the length, always that of {@link dockerArchiveSize}
 * @throws {ImageError} what the layers throw
 *
 * @example
 * import { open } from "node:fs/promises";
 *
 * await using source = await openImagePath("python.tar");
 * await using indexed = await indexImage(selectImage(source));
 * await using file = await open("squashed.tar", "w");
 * const { size } = await writeDockerArchive([squashImage(indexed)], (chunk) => file.writeFile(chunk));
 * (await file.stat()).size === size; // => true
 */
export async function writeDockerArchive(
  images: readonly OutputImage[],
  sink: ByteSink,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: OnProgress | undefined;
  } = {},
): Promise<{ size: number; images: WrittenImage[] }> {
  const total = dockerArchiveSize(images);
  const told = tellProgress(sink, total, options.onProgress);
  const archive = new ArchiveWriter(told, options.signal);
  const files = layerFiles(images);
  const diffIds = new Map<OutputLayer, Digest>();
  for (const { layer, name, twins } of files) {
    const diffId = await writeLayer(archive, name, layer, options.signal);
    for (const twin of twins) diffIds.set(twin, diffId);
  }
  const entries: ManifestEntry[] = [];
  const written: WrittenImage[] = [];
  for (const image of images) {
    const ids = image.layers.map((layer) => diffIds.get(layer) ?? ANY_DIGEST);
    await image.verified;
    const config = image.config(ids);
    const configDigest = digestOf(config);
    await archive.bytes(configName(configDigest), config);
    entries.push(manifestEntry(image, configDigest, files));
    written.push({
      names: image.names,
      configDigest,
      manifestDigest: undefined,
      layers: writtenLayers(image, ids),
    });
  }
  await archive.bytes("manifest.json", manifestBytes(entries));
  await archive.end();
  if (archive.size !== total)
    throw new Error(`the archive has ${archive.size} bytes, ${total} were announced`);
  return { size: archive.size, images: written };
}

/** The exact length in bytes of what {@link writeDockerArchive} writes. No layer is read for it. */
export function dockerArchiveSize(images: readonly OutputImage[]): number {
  const files = layerFiles(images);
  let size = 0;
  for (const { name, layer } of files) size += fileSize(name, layer.size);
  for (const image of images) {
    const config = image.config(image.layers.map((layer) => layer.diffId ?? ANY_DIGEST));
    size += fileSize(configName(ANY_DIGEST), config.length);
  }
  const manifest = manifestBytes(images.map((image) => manifestEntry(image, ANY_DIGEST, files)));
  return archiveSize(size + fileSize("manifest.json", manifest.length));
}

/** A kept layer verifies its diffID itself; a new one is hashed on its way. */
async function writeLayer(
  archive: ArchiveWriter,
  name: string,
  layer: OutputLayer,
  signal: AbortSignal | undefined,
): Promise<Digest> {
  const known = layer.diffId;
  if (known !== undefined) {
    await archive.file(name, layer.size, (sink) => layer.writeTo(sink, signal));
    return known;
  }
  let diffId = ANY_DIGEST;
  await archive.file(name, layer.size, async (sink) => {
    ({ digest: diffId } = await hashedTransfer((hashing) => layer.writeTo(hashing, signal), sink));
  });
  return diffId;
}

function tellProgress(sink: ByteSink, total: number, onProgress: OnProgress | undefined): ByteSink {
  if (onProgress === undefined) return sink;
  return async (chunk) => {
    await sink(chunk);
    onProgress({ phase: "write", bytes: chunk.length, total });
  };
}

function writtenLayers(image: OutputImage, diffIds: readonly Digest[]): WrittenImage["layers"] {
  return image.layers.map(({ size }, index) => {
    const diffId = diffIds[index] ?? ANY_DIGEST;
    return { digest: diffId, size, diffId, mediaType: dockerLayerType("none") };
  });
}
