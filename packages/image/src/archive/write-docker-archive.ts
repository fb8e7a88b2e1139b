import type { ByteSink } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";
import { dockerLayerType } from "../document/media-types.ts";
import type { OutputImage, OutputLayer } from "../squash/output-image.ts";
import type { OnProgress } from "../progress.ts";
import { dockerArchiveParts } from "./docker-archive-parts.ts";
import type { FiledConfig } from "./docker-archive-parts.ts";
import { exactLength } from "./exact-length.ts";
import { hashedTransfer } from "./hashed-transfer.ts";
import type { WrittenImage } from "./written-image.ts";

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
  const archive = dockerArchiveParts(images);
  const told = tellProgress(sink, archive.size, options.onProgress);
  let size = 0;
  const write: ByteSink = async (chunk) => {
    options.signal?.throwIfAborted();
    await told(chunk);
    size += chunk.length;
  };
  const diffIds: (Digest | undefined)[] = [];
  for (const part of archive.parts.slice(0, -1)) {
    if (part.kind === "layer") {
      const name = archive.layerNames[part.layer] ?? "";
      diffIds[part.layer] = await writeLayer(
        name,
        archive.layers[part.layer],
        write,
        options.signal,
      );
    } else if (part.bytes !== undefined) await write(part.bytes);
  }
  for (const { verified } of images) await verified;
  const { parts, configs } = archive.resolve(diffIds);
  const end = parts.at(-1);
  if (end?.kind === "bytes" && end.bytes !== undefined) await write(end.bytes);
  if (size !== archive.size)
    throw new Error(`the archive has ${size} bytes, ${archive.size} were announced`);
  return { size, images: configs.map((config) => writtenImage(config)) };
}

/** The exact length in bytes of what {@link writeDockerArchive} writes. No layer is read for it. */
export function dockerArchiveSize(images: readonly OutputImage[]): number {
  return dockerArchiveParts(images).size;
}

/** A kept layer verifies its diffID itself; a new one is hashed on its way. */
async function writeLayer(
  name: string,
  layer: OutputLayer | undefined,
  sink: ByteSink,
  signal: AbortSignal | undefined,
): Promise<Digest> {
  if (layer === undefined) throw new RangeError(`no layer for ${name}`);
  const { size, diffId } = layer;
  const produce = (target: ByteSink): Promise<void> => layer.writeTo(target, signal);
  if (diffId !== undefined) {
    await exactLength(name, size, produce, sink);
    return diffId;
  }
  const { digest } = await hashedTransfer(
    (hashing) => exactLength(name, size, produce, hashing),
    sink,
  );
  return digest;
}

function tellProgress(sink: ByteSink, total: number, onProgress: OnProgress | undefined): ByteSink {
  if (onProgress === undefined) return sink;
  return async (chunk) => {
    await sink(chunk);
    onProgress({ phase: "write", bytes: chunk.length, total });
  };
}

function writtenImage({ image, digest, diffIds }: FiledConfig<OutputImage>): WrittenImage {
  const { names, layers } = image;
  return {
    names,
    configDigest: digest,
    manifestDigest: undefined,
    layers: diffIds.map((diffId, number) => {
      const { size = 0 } = layers[number] ?? {};
      return { digest: diffId, size, diffId, mediaType: dockerLayerType("none") };
    }),
  };
}
