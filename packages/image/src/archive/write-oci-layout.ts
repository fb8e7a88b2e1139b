import type { ByteSink } from "../source/byte-source.ts";
import type { LayerCompression } from "../compression/compression.ts";
import type { OutputImage } from "../squash/output-image.ts";
import type { OnProgress } from "../progress.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import { LayoutArchive } from "./layout-archive.ts";
import { LayoutFolder } from "./layout-folder.ts";
import { writeOciImages } from "./write-oci-images.ts";
import type { WrittenImage } from "./written-image.ts";

/** How an OCI layout is written. */
export interface OciOptions {
  /** For new layers; default gzip level 6. */
  readonly compression?: LayerCompression | undefined;
  /** Compress kept layers anew, too, where they are stored in another way; default: their blobs stay as they are. */
  readonly recompressKept?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Writes an OCI layout (image-spec `image-layout.md`) into a folder. The folder appears when everything is on disk;
 * after an error nothing is left behind. The same images and options give the same files.
 *
 * @param directory must not exist, or be empty
 * @throws {ImageError}
 *
 * @example
 * await using source = await openImagePath("python.tar");
 * await using indexed = await indexImage(selectImage(source));
 * const options = { compression: { kind: "zstd", level: 3 } } as const;
 * await writeOciLayout([squashImage(indexed)], "squashed", options);
 * await using result = await openImagePath("squashed");
 * result.images[0]?.layers.length; // => 1
 */
export async function writeOciLayout(
  images: readonly OutputImage[],
  directory: string,
  options: OciOptions = {},
): Promise<{ images: WrittenImage[] }> {
  await using folder = await LayoutFolder.create(directory);
  const written = await writeOciImages(images, folder, options);
  await folder.publish();
  return { images: written };
}

/**
 * Writes an OCI layout as a tar. Each new layer is spooled first, because its name in the tar is its digest.
 *
 * @param sink takes the archive; where it fails, or the result is an error, what it has taken so far is worthless
 * @returns the length in bytes
 * @throws {ImageError}
 *
 * @example
 * import { open } from "node:fs/promises";
 *
 * await using source = await openImagePath("python.tar");
 * await using indexed = await indexImage(selectImage(source));
 * await using file = await open("squashed.tar", "w");
 * const { images } = await writeOciArchive([squashImage(indexed)], (chunk) => file.writeFile(chunk));
 * images[0]?.layers[0]?.mediaType; // => "application/vnd.oci.image.layer.v1.tar+gzip"
 */
export async function writeOciArchive(
  images: readonly OutputImage[],
  sink: ByteSink,
  options: OciOptions & { readonly tmpDir?: string | undefined } = {},
): Promise<{ size: number; images: WrittenImage[] }> {
  const archive = new ArchiveWriter(sink, options.signal);
  const written = await writeOciImages(images, new LayoutArchive(archive, options.tmpDir), options);
  await archive.end();
  return { size: archive.size, images: written };
}
