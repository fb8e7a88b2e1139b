import { familiarImageName, isTaggedName, splitImageName } from "../document/image-name.ts";
import type { Platform } from "../image.ts";
import { MediaType } from "../document/media-types.ts";
import type { OutputImage } from "../squash/output-image.ts";
import type { StoredBlob } from "./layout-target.ts";

/** An image of the layout and the manifest written for it. */
export interface IndexedManifest {
  readonly image: OutputImage;
  readonly manifest: StoredBlob;
}

/**
 * Makes `index.json` (image-spec `image-index.md`): a descriptor for each name. Images of several platforms under
 * one name go into an index of their own, which the name leads to.
 *
 * @param storeIndex stores such an index as a blob
 */
export async function ociIndex(
  manifests: readonly IndexedManifest[],
  storeIndex: (bytes: Uint8Array) => Promise<StoredBlob>,
): Promise<Buffer> {
  const byName = new Map<string, IndexedManifest[]>();
  const rows: unknown[] = [];
  for (const entry of manifests) {
    if (entry.image.names.length === 0) rows.push(manifestDescriptor(entry));
    for (const name of new Set(entry.image.names))
      byName.set(name, [...(byName.get(name) ?? []), entry]);
  }
  for (const [name, entries] of byName) {
    const [first] = entries;
    if (first === undefined) continue;
    const annotations = nameAnnotations(name);
    if (entries.length === 1) rows.push({ ...manifestDescriptor(first), annotations });
    else {
      const index = await storeIndex(indexBytes(entries.map(manifestDescriptor)));
      rows.push({
        mediaType: MediaType.ociIndex,
        digest: index.digest,
        size: index.size,
        annotations,
      });
    }
  }
  return indexBytes(rows);
}

function indexBytes(manifests: readonly unknown[]): Buffer {
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }),
  );
}

function manifestDescriptor({ image, manifest }: IndexedManifest): Record<string, unknown> {
  return {
    mediaType: MediaType.ociManifest,
    digest: manifest.digest,
    size: manifest.size,
    platform: platformFields(image.platform),
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
