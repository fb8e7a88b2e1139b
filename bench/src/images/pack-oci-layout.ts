import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { ImageConfig } from "./image-config.ts";
import type { LayerSource } from "./layer-source.ts";

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Writes an OCI layout whose layers are `gzip -6`, one member each. Streams.
 *
 * @param tag the `org.opencontainers.image.ref.name` of the image
 */
export async function packOciLayout(
  directory: string,
  tag: string,
  config: ImageConfig,
  layers: readonly LayerSource[],
): Promise<void> {
  const blobs = join(directory, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  const descriptors: Descriptor[] = [];
  const diffIds: string[] = [];
  for (const layer of layers) {
    const { diffId, descriptor } = await writeLayer(blobs, layer);
    descriptors.push(descriptor);
    diffIds.push(diffId);
  }
  const configText = JSON.stringify({ ...config, rootfs: { type: "layers", diff_ids: diffIds } });
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: await writeText(blobs, "application/vnd.oci.image.config.v1+json", configText),
    layers: descriptors,
  };
  const described = await writeText(blobs, manifest.mediaType, JSON.stringify(manifest));
  const annotations = { "org.opencontainers.image.ref.name": tag };
  await writeFile(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(
    join(directory, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...described, annotations }] }),
  );
}

async function writeLayer(
  blobs: string,
  layer: LayerSource,
): Promise<{ diffId: string; descriptor: Descriptor }> {
  const gzip = spawn("gzip", ["-6", "-n"], { stdio: ["pipe", "pipe", "inherit"] });
  const plainHash = createHash("sha256");
  const storedHash = createHash("sha256");
  const temporary = join(blobs, ".temporary");
  let size = 0;
  await Promise.all([
    pipeline(
      Readable.from(observed(copied(layer.chunks()), (chunk) => plainHash.update(chunk))),
      gzip.stdin,
    ),
    pipeline(
      gzip.stdout,
      (chunks: AsyncIterable<Uint8Array>) =>
        observed(chunks, (chunk) => {
          storedHash.update(chunk);
          size += chunk.length;
        }),
      createWriteStream(temporary),
    ),
    new Promise<void>((resolve, reject) => {
      gzip.once("error", reject);
      gzip.once("close", (code) =>
        code === 0 ? resolve() : reject(new Error(`gzip ended with code ${code}`)),
      );
    }),
  ]);
  const hex = storedHash.digest("hex");
  await rename(temporary, join(blobs, hex));
  return {
    diffId: `sha256:${plainHash.digest("hex")}`,
    descriptor: {
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: `sha256:${hex}`,
      size,
    },
  };
}

/** A pipe keeps chunks for a while, a generated layer reuses its buffer: so each chunk gets its own. */
async function* copied(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

async function* observed(
  chunks: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}

async function writeText(blobs: string, mediaType: string, text: string): Promise<Descriptor> {
  const hex = createHash("sha256").update(text).digest("hex");
  await writeFile(join(blobs, hex), text);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}
