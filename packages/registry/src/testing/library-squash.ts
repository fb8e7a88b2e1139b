import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  hexOf,
  indexImage,
  MediaType,
  openImagePath,
  selectImage,
  squashImage,
  writeDockerArchive,
} from "@wharf/image";
import type { Image } from "@wharf/image";
import { indexOf, tarOf } from "./test-image.ts";
import type { TestImage } from "./test-image.ts";

/** The docker-archive that the library makes of an image, without any registry. */
export async function librarySquash(image: TestImage, name: string, keep = 0): Promise<Buffer> {
  return await withArchive(ociArchive(image), async (images) => {
    await using indexed = await indexImage(selectImage({ images }));
    const chunks: Buffer[] = [];
    await writeDockerArchive([squashImage(indexed, { names: [name], keep })], async (chunk) => {
      chunks.push(Buffer.from(chunk));
    });
    return Buffer.concat(chunks);
  });
}

/** Opens an archive as `wharf` does. */
export async function withArchive<T>(
  archive: Uint8Array,
  work: (images: readonly Image[]) => Promise<T>,
): Promise<T> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-archive-"));
  const path = join(folder.path, "archive.tar");
  await writeFile(path, archive);
  await using source = await openImagePath(path);
  return await work(source.images);
}

function ociArchive({ blobs, manifest }: TestImage): Buffer {
  const files = [...blobs, manifest].map(({ bytes, descriptor }) => ({
    name: `blobs/sha256/${hexOf(descriptor.digest)}`,
    data: bytes,
  }));
  return tarOf([
    { name: "oci-layout", data: `{"imageLayoutVersion":"1.0.0"}` },
    {
      name: "index.json",
      data: indexOf([{ ...manifest.descriptor, mediaType: MediaType.ociManifest }]).bytes,
    },
    ...files,
  ]);
}
