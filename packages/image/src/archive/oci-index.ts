import { familiarImageName, isTaggedName, splitImageName } from "../document/image-name.ts";
import type { Platform } from "../image.ts";
import { MediaType } from "../document/media-types.ts";
import { digestOf } from "../document/digest.ts";
import type { StoredBlob } from "./layout-target.ts";

/** What a name of the layout leads to: a manifest, or an index of several platforms. */
export interface NamedManifest extends StoredBlob {
  readonly names: readonly string[];
  /** Default: an OCI manifest. */
  readonly mediaType?: string | undefined;
  /** Of a manifest. */
  readonly platform?: Platform | undefined;
}

/**
 * Makes `index.json` (image-spec `image-index.md`): a descriptor for each name. Images of several platforms under
 * one name go into an index of their own, which the name leads to.
 *
 * @returns the index, and those others, which have to be stored as blobs
 */
export function ociIndex(manifests: readonly NamedManifest[]): {
  readonly index: Buffer;
  readonly nested: readonly Buffer[];
} {
  const byName = new Map<string, NamedManifest[]>();
  const rows: unknown[] = [];
  const nested: Buffer[] = [];
  for (const manifest of manifests) {
    if (manifest.names.length === 0) rows.push(manifestDescriptor(manifest));
    for (const name of new Set(manifest.names))
      byName.set(name, [...(byName.get(name) ?? []), manifest]);
  }
  for (const [name, entries] of byName) {
    const [first] = entries;
    if (first === undefined) continue;
    const annotations = nameAnnotations(name);
    if (entries.length === 1) rows.push({ ...manifestDescriptor(first), annotations });
    else {
      const index = indexBytes(entries.map(manifestDescriptor));
      nested.push(index);
      const blob = { digest: digestOf(index), size: index.length };
      rows.push({ mediaType: MediaType.ociIndex, ...blob, annotations });
    }
  }
  return { index: indexBytes(rows), nested };
}

function indexBytes(manifests: readonly unknown[]): Buffer {
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }),
  );
}

function manifestDescriptor({
  mediaType = MediaType.ociManifest,
  digest,
  size,
  platform,
}: NamedManifest): Record<string, unknown> {
  return {
    mediaType,
    digest,
    size,
    ...(platform === undefined ? {} : { platform: platformFields(platform) }),
  };
}

function platformFields({
  os,
  architecture,
  variant,
  osVersion,
}: Platform): Record<string, string> {
  return {
    architecture,
    os,
    ...(osVersion === undefined ? {} : { "os.version": osVersion }),
    ...(variant === undefined ? {} : { variant }),
  };
}

/**
 * As BuildKit and Docker write it: the tag alone as the reference (what skopeo and umoci select by) and the whole name
 * for engines that load the layout.
 */
function nameAnnotations(name: string): Record<string, string> {
  if (!isTaggedName(name)) return { "org.opencontainers.image.ref.name": name };
  const { registry, repository, tag = "latest" } = splitImageName(familiarImageName(name));
  return {
    "io.containerd.image.name": `${registry}/${repository}:${tag}`,
    "org.opencontainers.image.ref.name": tag,
  };
}
