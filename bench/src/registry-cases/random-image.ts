import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { Descriptor } from "./fixture.ts";
import { digestOf, manifestOf, MEBIBYTE } from "./fixture.ts";

const LAYERS = 6;
const LAYER = 48 * MEBIBYTE;
export const TAG = "1";
export const IMAGE_TEXT = `${LAYERS} layers of ${LAYER / MEBIBYTE} MiB`;

/**
 * Writes an OCI layout that no registry has seen: its layers are random bytes, in gzip that costs nobody anything.
 *
 * @param folder made anew
 */
export async function writeRandomImage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const blobs = join(folder, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  const write = async (bytes: Buffer, mediaType: string): Promise<Descriptor> => {
    const digest = digestOf(bytes);
    await writeFile(join(blobs, digest.slice("sha256:".length)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const layers: Descriptor[] = [];
  const diffIds: string[] = [];
  for (let number = 0; number < LAYERS; number += 1) {
    const bytes = randomBytes(LAYER);
    diffIds.push(digestOf(bytes));
    const layer = gzipSync(bytes, { level: 0 });
    layers.push(await write(layer, "application/vnd.oci.image.layer.v1.tar+gzip"));
  }
  const rootfs = { type: "layers", diff_ids: diffIds };
  const config = await write(
    Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs })),
    "application/vnd.oci.image.config.v1+json",
  );
  const manifest = await write(
    manifestOf(config, layers, {}),
    "application/vnd.oci.image.manifest.v1+json",
  );
  const named = { ...manifest, annotations: { "org.opencontainers.image.ref.name": TAG } };
  await writeFile(
    join(folder, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [named] }),
  );
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}
