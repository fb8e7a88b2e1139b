import { ImageError } from "../image-error.ts";
import type { Image } from "../image.ts";
import type { Limits } from "../limits.ts";
import { quote } from "../document/quote.ts";
import type { ArchiveFiles } from "./archive-files.ts";
import { mergeHybrid } from "./merge-hybrid.ts";
import { readDockerManifest } from "./read-docker-manifest.ts";
import { readOciLayout } from "./read-oci-layout.ts";
import { readV1Layout } from "./read-v1-layout.ts";
import { TarDirectory } from "./tar-directory.ts";

/** What an archive holds: images, and the reasons why others in it cannot be used. */
export interface FoundImages {
  readonly images: readonly Image[];
  readonly refused: readonly ImageError[];
}

/**
 * Reads the images of an archive or folder of any layout: OCI, Docker's `manifest.json`, both in one (Docker 25 and
 * newer), or Docker's layout from before 1.10.
 *
 * @returns at least one image
 * @throws {ImageError}
 */
export async function readImages(files: ArchiveFiles, limits: Limits): Promise<readonly Image[]> {
  const { images, refused } = await readLayout(files, limits);
  const [reason] = refused;
  if (images.length > 0) return images;
  throw reason ?? new ImageError("not-found", `${files.what} holds no image`);
}

async function readLayout(files: ArchiveFiles, limits: Limits): Promise<FoundImages> {
  const hasManifest = (await files.find("manifest.json")) !== undefined;
  const hasIndex = (await files.find("index.json")) !== undefined;
  const hasLayoutFile = (await files.find("oci-layout")) !== undefined;
  if (hasIndex && hasLayoutFile && hasManifest) {
    return mergeHybrid(await readOciLayout(files, limits), await readDockerManifest(files, limits));
  }
  if (hasIndex && (hasLayoutFile || !hasManifest)) return readOciLayout(files, limits);
  if (hasManifest) return readDockerManifest(files, limits);
  const old = files instanceof TarDirectory ? await readV1Layout(files, limits) : undefined;
  return old ?? unknownLayout(files);
}

function unknownLayout(files: ArchiveFiles): never {
  const message = `${files.what} is no image: it has no index.json, manifest.json or repositories file`;
  if (!(files instanceof TarDirectory)) throw new ImageError("unsupported", message);
  const names = [...files.names()].slice(0, 5);
  const looksLikeRoot = files.member("etc") !== undefined || files.member("usr") !== undefined;
  throw new ImageError("unsupported", message, {
    hint: looksLikeRoot
      ? "this looks like a root file system (docker export); save the image instead: docker save"
      : `it starts with ${names.length === 0 ? "no file at all" : names.map(quote).join(", ")}`,
  });
}
