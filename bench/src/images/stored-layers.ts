import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { ImageConfig } from "./image-config.ts";
import type { LayerSource } from "./layer-source.ts";

interface StoredManifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

/**
 * Reads what `skopeo copy … dir:` wrote with layers that are not compressed.
 *
 * @param directory holds `manifest.json` and the blobs under the hex form of their digests
 */
export async function storedLayers(
  directory: string,
): Promise<{ config: ImageConfig; layers: LayerSource[] }> {
  const fileOf = (digest: string): string => join(directory, digest.slice("sha256:".length));
  // Made by skopeo a moment ago from an image of ours, so the shape is known.
  const manifest = JSON.parse(
    await readFile(join(directory, "manifest.json"), "utf8"),
  ) as StoredManifest;
  const config = JSON.parse(await readFile(fileOf(manifest.config.digest), "utf8")) as ImageConfig;
  const layers = manifest.layers.map(({ digest, size }) => ({
    size,
    entries: undefined,
    createdBy: "",
    chunks: () => createReadStream(fileOf(digest), { highWaterMark: 1024 * 1024 }),
  }));
  return { config, layers };
}
