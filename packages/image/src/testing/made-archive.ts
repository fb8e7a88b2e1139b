// For tests: makes the layers, configs, archives and layouts that readers and writers are tried on.
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { ByteSink, ByteSource } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";
import { digestOf, hexOf } from "../document/digest.ts";
import type { Image } from "../image.ts";
import { keepLayer, measureLayer } from "./kept-layer.ts";
import { MediaType } from "../document/media-types.ts";
import type { OutputImage, OutputLayer } from "../squash/output-image.ts";
import { TypeFlag } from "../tar/entry-type.ts";
import { BLOCK, paddedSize } from "../tar/tar-header.ts";
import { writeTarHeader } from "../tar/write-tar-header.ts";
import type { TarHeaderFields } from "../tar/write-tar-header.ts";
import { blobFile } from "../archive/blob-file.ts";

/** Names and contents of files. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A member of a tar: a header and its data. */
export type Member = Omit<TarHeaderFields, "size"> & { readonly data?: string | Uint8Array };

/** A tar of any members, with two blocks at the end. */
export function tarOf(members: readonly Member[]): Buffer {
  const parts = members.flatMap(({ data = "", ...fields }) => {
    const bytes = Buffer.from(data);
    const padding = Buffer.alloc(paddedSize(bytes.length) - bytes.length);
    return [writeTarHeader({ ...fields, size: bytes.length }), bytes, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** A tar of plain files. */
export function tarOfFiles(files: Files): Buffer {
  return tarOf(Object.entries(files).map(([name, data]) => ({ name, data })));
}

export function symlink(name: string, linkname: string): Member {
  return { name, linkname, type: TypeFlag.symlink };
}

/** A config for plain layers. */
export function configOf(
  layers: readonly Uint8Array[],
  fields: Readonly<Record<string, unknown>> = {},
): Buffer {
  const diffIds = layers.map(digestOf);
  return json({
    architecture: "amd64",
    os: "linux",
    ...fields,
    rootfs: { type: "layers", diff_ids: diffIds },
  });
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The files of an archive as `docker save` of Docker 1.10 to 24 writes it. */
export function dockerFiles(
  layers: readonly Uint8Array[],
  tags: readonly string[] | null,
  config = configOf(layers),
): Files {
  const name = `${hexOf(digestOf(config))}.json`;
  const paths = layers.map((_, index) => `${v1Id(index)}/layer.tar`);
  return {
    ...Object.fromEntries(layers.map((layer, index) => [paths[index] ?? "", layer])),
    [name]: config,
    "manifest.json": json([{ Config: name, RepoTags: tags, Layers: paths }]),
  };
}

/** The directory name of a layer: any 64 hexadecimal digits. */
export function v1Id(index: number): string {
  return (index + 1).toString(16).padStart(64, "a");
}

/** A blob and how a manifest tells of it. */
export interface MadeBlob {
  readonly bytes: Uint8Array;
  readonly descriptor: Readonly<Record<string, unknown>> & {
    readonly digest: Digest;
    readonly size: number;
  };
}

export function blobOf(
  bytes: Uint8Array,
  mediaType: string,
  fields: Readonly<Record<string, unknown>> = {},
): MadeBlob {
  return {
    bytes,
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length, ...fields },
  };
}

/** A manifest over layers that are blobs already, and everything it needs. The last blob is the manifest. */
export function manifestOf(
  layers: readonly MadeBlob[],
  config: Uint8Array,
  fields: Readonly<Record<string, unknown>> = {},
): MadeBlob[] {
  const configBlob = blobOf(config, MediaType.ociConfig);
  const manifest = json({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: configBlob.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    ...fields,
  });
  return [...layers, configBlob, blobOf(manifest, MediaType.ociManifest)];
}

/** An index over descriptors, such as `index.json`. */
export function indexOf(manifests: readonly unknown[]): Buffer {
  return json({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests });
}

/** The files of an OCI layout. */
export function layoutFiles(blobs: readonly MadeBlob[], manifests: readonly unknown[]): Files {
  return {
    "oci-layout": `{"imageLayoutVersion": "1.0.0"}`,
    "index.json": indexOf(manifests),
    ...Object.fromEntries(
      blobs.map(({ bytes, descriptor }) => [blobFile(descriptor.digest), bytes]),
    ),
  };
}

/** A layout with one image of one platform under one name. */
export function simpleLayout(
  layers: readonly Uint8Array[],
  name: string,
  config = configOf(layers),
): Files {
  const blobs = manifestOf(
    layers.map((layer) => blobOf(layer, MediaType.ociLayer)),
    config,
  );
  const annotations = { "org.opencontainers.image.ref.name": name };
  return layoutFiles(blobs, [{ ...blobs.at(-1)?.descriptor, annotations }]);
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Files): Promise<string> {
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), data);
  }
  return folder;
}

/** Bytes in memory as a source without descriptor. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    stream: async function* (start = 0, end = bytes.length) {
      for (let position = start; position < end; position += 700)
        yield bytes.slice(position, Math.min(end, position + 700));
    },
  };
}

/** All bytes that come through a sink. */
export class Collector {
  readonly #chunks: Buffer[] = [];
  readonly sink: ByteSink = async (chunk) => void this.#chunks.push(Buffer.from(chunk));

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Lets a writer write into a file. */
export async function writeInto<Result>(
  path: string,
  write: (sink: ByteSink) => Promise<Result>,
): Promise<Result> {
  await using file = await open(path, "w");
  return await write((chunk) => file.writeFile(chunk));
}

/** An image that goes out with all its layers. */
export async function keepImage(image: Image): Promise<OutputImage> {
  const layers: OutputLayer[] = [];
  for (const layer of image.layers) layers.push(keepLayer(layer, await measureLayer(layer)));
  const { names, platform, annotations } = image;
  return {
    names,
    platform,
    layers,
    config: () => image.config,
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** A layer made anew: its digest is known only when it has been written. */
export function newLayer(bytes: Uint8Array, announced: number = bytes.length): OutputLayer {
  return {
    size: announced,
    diffId: undefined,
    kept: undefined,
    writeTo: (sink) => sink(Uint8Array.from(bytes)),
  };
}

/** An image of new layers whose config tells their diffIDs. */
export function newImage(
  layers: readonly OutputLayer[],
  names: readonly string[],
  platform = { os: "linux", architecture: "amd64" },
): OutputImage {
  return {
    names,
    platform,
    layers,
    config: (diffIds) => json({ ...platform, rootfs: { type: "layers", diff_ids: diffIds } }),
  };
}

/** Files below a folder that the process holds open, also those without a name. Always empty where there is no /proc. */
export function openFilesBelow(folder: string): string[] {
  if (!existsSync("/proc/self/fd")) return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return []; // the descriptor of this very listing
    }
  });
}
