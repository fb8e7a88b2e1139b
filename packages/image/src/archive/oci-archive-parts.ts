import type { Digest } from "../document/digest.ts";
import { digestOf } from "../document/digest.ts";
import { MediaType } from "../document/media-types.ts";
import type { Platform } from "../image.ts";
import { ArchivePartsBuilder, partsSize } from "./archive-parts.ts";
import type { ArchiveParts } from "./archive-parts.ts";
import { blobFile, blobFolders } from "./blob-file.ts";
import type { StoredBlob } from "./layout-target.ts";
import { ociIndex } from "./oci-index.ts";
import { ociLayoutBytes, ociManifestBytes } from "./oci-manifest.ts";
import type { ManifestLayer } from "./oci-manifest.ts";

/** A small blob of an OCI layout that is at hand: a config or a manifest. */
export interface SmallBlob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** A blob that is a file of its own: a layer, compressed or not. */
export type LayerBlob = StoredBlob & { readonly bytes?: undefined };

/** An image of a layout whose blobs are given. */
export interface ArchivedImage<Layer extends LayerBlob = LayerBlob> {
  /** What it is called in `index.json`. */
  readonly names: readonly string[];
  /** What the names lead to: a manifest, or an index of several platforms. Stored as it is. */
  readonly root: SmallBlob & {
    readonly mediaType: string;
    /** Of a manifest. */
    readonly platform?: Platform | undefined;
  };
  /** All that the root leads to, in the order in which it is to be written. */
  readonly blobs: readonly (Layer | SmallBlob)[];
}

/**
 * Lays out an OCI layout as a tar, as `writeOciArchive` writes it: for each image its blobs and its root, `index.json`
 * last. A blob that several images share is there once. All digests must be known, because they name the files.
 *
 * @example
 * const config = Buffer.from("{}");
 * const layer = { digest: digestOf(Buffer.from("layer")), size: 5, mediaType: "application/vnd.oci.image.layer.v1.tar" };
 * const image = ociImage({ names: ["app:1"], config, layers: [layer] });
 * const { parts, layers } = ociArchiveParts([image]);
 * parts.map(({ kind }) => kind); // => ["bytes", "layer", "bytes"]
 * layers[0]?.size; // => 5
 */
export function ociArchiveParts<Layer extends LayerBlob>(
  images: readonly ArchivedImage<Layer>[],
): ArchiveParts<Layer> {
  const archive = new ArchivePartsBuilder();
  archive.file("oci-layout", ociLayoutBytes());
  const layout = new LayoutParts<Layer>(archive);
  for (const { root, blobs } of images) {
    for (const blob of blobs) layout.add(blob);
    layout.add(root);
  }
  const { index, nested } = ociIndex(
    images.map(({ names, root }) => ({ names, ...root, size: root.bytes.length })),
  );
  for (const bytes of nested) layout.add({ digest: digestOf(bytes), bytes });
  archive.file("index.json", index);
  const parts = archive.end();
  return { size: partsSize(parts), parts, layers: layout.layers };
}

/** Gives each blob its file, once. */
class LayoutParts<Layer extends LayerBlob> {
  readonly layers: Layer[] = [];
  readonly #archive: ArchivePartsBuilder;
  readonly #folders = new Set<string>();
  readonly #stored = new Set<Digest>();

  constructor(archive: ArchivePartsBuilder) {
    this.#archive = archive;
  }

  add(blob: Layer | SmallBlob): void {
    if (!this.#isNew(blob.digest)) return;
    const name = blobFile(blob.digest);
    if (blob.bytes !== undefined) this.#archive.file(name, blob.bytes);
    else this.#archive.layerFile(name, this.layers.push(blob) - 1, blob.size);
  }

  #isNew(digest: Digest): boolean {
    if (this.#stored.has(digest)) return false;
    this.#stored.add(digest);
    for (const folder of blobFolders(digest)) {
      if (this.#folders.has(folder)) continue;
      this.#folders.add(folder);
      this.#archive.directory(folder);
    }
    return true;
  }
}

/** What an image of one platform is made of. */
export interface ImageContent<Layer extends LayerBlob & ManifestLayer> {
  readonly names: readonly string[];
  readonly platform?: Platform | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly config: Uint8Array;
  /** Lowest first. */
  readonly layers: readonly Layer[];
}

/** Makes the manifest of an image. One that is stored already should rather be kept, so that its digest stays. */
export function ociImage<Layer extends LayerBlob & ManifestLayer>({
  names,
  platform,
  annotations,
  config,
  layers,
}: ImageContent<Layer>): ArchivedImage<Layer> {
  const configBlob = { digest: digestOf(config), size: config.length, bytes: config };
  const bytes = ociManifestBytes(configBlob, layers, annotations);
  return {
    names,
    root: { mediaType: MediaType.ociManifest, digest: digestOf(bytes), bytes, platform },
    blobs: [...layers, configBlob],
  };
}
