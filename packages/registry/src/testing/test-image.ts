import { gzipSync } from "node:zlib";
import {
  digestOf,
  MediaType,
  ociLayerType,
  paddedSize,
  TypeFlag,
  writeTarHeader,
} from "@wharf/image";
import type { Digest, TarHeaderFields } from "@wharf/image";

/** A member of a tar: a header and its data. */
export type Member = Omit<TarHeaderFields, "size"> & { readonly data?: string | Uint8Array };

/** A tar with two blocks at its end. */
export function tarOf(members: readonly Member[]): Buffer {
  const parts = members.flatMap(({ data = "", ...fields }) => {
    const bytes = Buffer.from(data);
    const padding = Buffer.alloc(paddedSize(bytes.length) - bytes.length);
    return [writeTarHeader({ ...fields, size: bytes.length }), bytes, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export function folder(name: string): Member {
  return { name, type: TypeFlag.directory };
}

/** Something that a manifest tells of. */
export interface TestBlob {
  readonly bytes: Buffer;
  readonly descriptor: {
    readonly mediaType: string;
    readonly digest: Digest;
    readonly size: number;
    readonly [field: string]: unknown;
  };
}

export function blobOf(
  bytes: string | Uint8Array,
  mediaType: string,
  fields: object = {},
): TestBlob {
  const content = Buffer.from(bytes);
  return {
    bytes: content,
    descriptor: { mediaType, digest: digestOf(content), size: content.length, ...fields },
  };
}

/** A manifest with the blobs that it needs. */
export interface TestImage {
  readonly blobs: readonly TestBlob[];
  readonly manifest: TestBlob;
  /** Uncompressed. */
  readonly tars: readonly Buffer[];
}

/** An image of plain or gzip layers. */
export function imageOf(
  tars: readonly Buffer[],
  options: {
    readonly compression?: "none" | "gzip";
    readonly architecture?: string;
    /** More fields of config and manifest. */
    readonly config?: object;
    readonly manifest?: object;
    /** What the config tells; default the truth. */
    readonly diffIds?: readonly string[];
  } = {},
): TestImage {
  const { compression = "gzip", architecture = "amd64", diffIds = tars.map(digestOf) } = options;
  const layers = tars.map((tar) =>
    blobOf(compression === "gzip" ? gzipSync(tar) : tar, ociLayerType(compression)),
  );
  const config = blobOf(
    JSON.stringify({
      architecture,
      os: "linux",
      ...options.config,
      rootfs: { type: "layers", diff_ids: diffIds },
    }),
    MediaType.ociConfig,
  );
  return { ...manifestOf(config, layers, options.manifest), tars };
}

export function manifestOf(
  config: TestBlob,
  layers: readonly TestBlob[],
  fields: object = {},
): Pick<TestImage, "blobs" | "manifest"> {
  const manifest = blobOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      ...fields,
    }),
    MediaType.ociManifest,
  );
  return { blobs: [config, ...layers], manifest };
}

/** An index over manifests that are pushed already, or never. */
export function indexOf(
  children: readonly (TestBlob["descriptor"] | { readonly [field: string]: unknown })[],
  fields: object = {},
): TestBlob {
  return blobOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ociIndex,
      manifests: children,
      ...fields,
    }),
    MediaType.ociIndex,
  );
}

/** Two layers: files, and changes to them. */
export function smallImage(name = "small", options: Parameters<typeof imageOf>[1] = {}): TestImage {
  return imageOf(
    [
      tarOf([
        folder("etc/"),
        { name: "etc/name", data: name },
        { name: "etc/old", data: "goes".repeat(200) },
        { name: "etc/kept", data: "stays" },
      ]),
      tarOf([folder("etc/"), { name: "etc/.wh.old" }, { name: "etc/new", data: `new in ${name}` }]),
    ],
    options,
  );
}
