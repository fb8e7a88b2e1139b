import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

import type { ImageConfig } from "./image-config.ts";
import type { LayerSource } from "./layer-source.ts";
import { paddedSize, TAR_BLOCK, writeTarHeader } from "./tar-header.ts";

/**
 * Writes a docker-archive with plain layers: layers, config, `manifest.json`, as `docker save` of 20.10 does. Streams.
 *
 * @returns the digest of the config, which is the image's id
 */
export async function packDockerArchive(
  path: string,
  name: string,
  config: ImageConfig,
  layers: readonly LayerSource[],
): Promise<string> {
  await using file = await open(path, "w");
  const layerNames: string[] = [];
  const diffIds: string[] = [];
  for (const [index, layer] of layers.entries()) {
    const layerName = `${String(index + 1).padStart(2, "0")}/layer.tar`;
    layerNames.push(layerName);
    diffIds.push(await writeLayer(file, layerName, layer));
  }
  const configBytes = Buffer.from(
    JSON.stringify({ ...config, rootfs: { type: "layers", diff_ids: diffIds } }),
  );
  const configDigest = createHash("sha256").update(configBytes).digest("hex");
  await writeEntry(file, `${configDigest}.json`, configBytes);
  const manifest = [{ Config: `${configDigest}.json`, RepoTags: [name], Layers: layerNames }];
  await writeEntry(file, "manifest.json", Buffer.from(JSON.stringify(manifest)));
  await file.write(Buffer.alloc(2 * TAR_BLOCK));
  return `sha256:${configDigest}`;
}

async function writeLayer(file: FileHandle, name: string, layer: LayerSource): Promise<string> {
  const header = Buffer.alloc(TAR_BLOCK);
  writeTarHeader(header, name, "0", layer.size);
  await file.write(header);
  const hash = createHash("sha256");
  let written = 0;
  for await (const chunk of layer.chunks()) {
    hash.update(chunk);
    await file.write(chunk);
    written += chunk.length;
  }
  if (written !== layer.size)
    throw new Error(`${name}: ${written} bytes came, ${layer.size} were announced`);
  await file.write(Buffer.alloc(paddedSize(written) - written));
  return `sha256:${hash.digest("hex")}`;
}

async function writeEntry(file: FileHandle, name: string, content: Buffer): Promise<void> {
  const block = Buffer.alloc(TAR_BLOCK + paddedSize(content.length));
  writeTarHeader(block.subarray(0, TAR_BLOCK), name, "0", content.length);
  content.copy(block, TAR_BLOCK);
  await file.write(block);
}
