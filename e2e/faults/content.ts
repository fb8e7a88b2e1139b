import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

import type { Random } from "./random.ts";

/** Bytes that are pushed under their digest. */
export interface Content {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly mediaType: string;
}

export interface Layer extends Content {
  /** Of the uncompressed tar. */
  readonly diffId: string;
}

/** An image, or an index of images. */
export interface Image {
  readonly manifest: Content;
  /** Config and layers; none for an index. */
  readonly blobs: readonly Content[];
  /** The images of an index. */
  readonly children: readonly Image[];
}

/** Below and above what the registry takes in one go, and below and above what it keeps in memory. */
const FILE_SIZES = [0, 300, 20_000, 100_000, 400_000];

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A tar with a few files that no other layer has, plain or in gzip. */
export function randomLayer(random: Random): Layer {
  const files = Array.from({ length: random.between(1, 3) }, () => {
    const name = random.percent(15) ? ".wh.1" : String(random.below(6));
    const bytes = random.bytes(name.startsWith(".wh.") ? 0 : random.pick(FILE_SIZES));
    return tarEntry(`data/${name}`, bytes);
  });
  const unique = tarEntry(`only/${random.bytes(8).toString("hex")}`, Buffer.alloc(0));
  const tar = Buffer.concat([...files, unique, Buffer.alloc(1024)]);
  const isPlain = random.percent(50);
  const bytes = isPlain ? tar : gzipSync(tar, { level: 1 });
  const mediaType = `application/vnd.oci.image.layer.v1.tar${isPlain ? "" : "+gzip"}`;
  return { digest: digestOf(bytes), bytes, mediaType, diffId: digestOf(tar) };
}

/** @param label images with another label have another digest, also when they have the same layers */
export function imageOf(layers: readonly Layer[], label: string, architecture = "amd64"): Image {
  const config = json("application/vnd.oci.image.config.v1+json", {
    architecture,
    os: "linux",
    config: { Labels: { label } },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = json(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  return { manifest, blobs: [config, ...layers], children: [] };
}

/** @param children one for amd64, one for arm64 */
export function indexOf(children: readonly Image[]): Image {
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const manifests = children.map(({ manifest }, at) => ({
    ...descriptor(manifest),
    platform: { os: "linux", architecture: at === 0 ? "amd64" : "arm64" },
  }));
  const manifest = json(mediaType, { schemaVersion: 2, mediaType, manifests });
  return { manifest, blobs: [], children };
}

function descriptor({ mediaType, digest, bytes }: Content): object {
  return { mediaType, digest, size: bytes.length };
}

function json(mediaType: string, document: object): Content {
  const bytes = Buffer.from(JSON.stringify(document));
  return { digest: digestOf(bytes), bytes, mediaType };
}

/** A regular file (POSIX ustar). */
function tarEntry(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, length: number): string =>
    `${value.toString(8).padStart(length - 1, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(1_700_000_000, 12), 136);
  header.write("        0", 148);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 7)} `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
