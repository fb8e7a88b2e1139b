import { createHash, randomBytes } from "node:crypto";

import { Connection, expect, field } from "../load/connection.ts";
import type { Server } from "../servers/server.ts";

/** The repository that is read from. */
export const READ = "admin/read";
export const MEBIBYTE = 1024 * 1024;
const LARGE = 512 * MEBIBYTE;
const MEDIUM = 64 * 1024;
/** Different blobs of 64 KiB, asked for in turn. */
const MEDIUMS = 64;
export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** What both servers hold before they are measured. */
export interface Fixture {
  /** Digest of the manifest with the tag `latest`. */
  readonly manifest: string;
  readonly mediums: readonly string[];
  readonly large: { readonly digest: string; readonly size: number };
  readonly config: Descriptor;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Pushes an image of twelve layers, 64 blobs of 64 KiB and one of 512 MiB; the same bytes to each server. */
export async function pushFixture(servers: readonly Server[]): Promise<Fixture> {
  const large = Buffer.alloc(LARGE);
  randomBytes(MEBIBYTE).copy(large);
  for (let at = MEBIBYTE; at < LARGE; at *= 2) large.copy(large, at, 0, at);
  const mediums = Array.from({ length: MEDIUMS }, () => randomBytes(MEDIUM));
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [] },
    }),
  );
  const configDescriptor = descriptor(config, "application/vnd.oci.image.config.v1+json");
  const layers = mediums
    .slice(0, 12)
    .map((bytes) => descriptor(bytes, "application/vnd.oci.image.layer.v1.tar+gzip"));
  const manifest = manifestOf(configDescriptor, layers, {});
  const blobs = [config, ...mediums, large].map((bytes) => ({ bytes, digest: digestOf(bytes) }));
  for (const server of servers) {
    const headers = await server.login([READ]);
    using connection = await Connection.open(server.host);
    for (const { bytes, digest } of blobs) await pushBlob(connection, READ, bytes, digest, headers);
    await pushManifest(connection, READ, "latest", manifest, headers);
  }
  return {
    manifest: digestOf(manifest),
    mediums: mediums.map(digestOf),
    large: { digest: digestOf(large), size: LARGE },
    config: configDescriptor,
  };
}

/** A manifest of an image. @param extra further fields */
export function manifestOf(
  config: Descriptor,
  layers: readonly Descriptor[],
  extra: Readonly<Record<string, unknown>>,
): Buffer {
  return Buffer.from(
    JSON.stringify(
      { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers, ...extra },
      undefined,
      2,
    ),
  );
}

/** POST, then PUT with all bytes. @param digest of `bytes` */
export async function pushBlob(
  connection: Connection,
  repository: string,
  bytes: Buffer,
  digest: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const begun = await connection.request("POST", `/v2/${repository}/blobs/uploads/`, headers);
  const place = field(expect(begun, 202), "Location");
  const type = { "Content-Type": "application/octet-stream", ...headers };
  expect(await connection.request("PUT", withDigest(place, digest), type, bytes), 201);
}

export async function pushManifest(
  connection: Connection,
  repository: string,
  reference: string,
  manifest: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const type = { "Content-Type": MANIFEST_TYPE, ...headers };
  const path = `/v2/${repository}/manifests/${reference}`;
  expect(await connection.request("PUT", path, type, manifest), 201);
}

export function withDigest(place: string, digest: string): string {
  return `${place}${place.includes("?") ? "&" : "?"}digest=${digest}`;
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function descriptor(bytes: Buffer, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
