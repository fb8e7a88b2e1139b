import { ImageError } from "../image-error.ts";
import type { Image } from "../image.ts";
import { JsonObject } from "../document/json-object.ts";
import type { Limits } from "../limits.ts";
import { parseManifest } from "../document/manifest.ts";
import { quote } from "../document/quote.ts";
import type { ArchiveFiles } from "./archive-files.ts";
import { IndexWalk } from "./index-walk.ts";
import type { FoundImages } from "./read-images.ts";
import { readOciImage } from "./read-oci-image.ts";

/** Reads an OCI layout (image-spec `image-layout.md`). */
export async function readOciLayout(files: ArchiveFiles, limits: Limits): Promise<FoundImages> {
  await checkVersion(files, limits);
  const bytes = await files.read("index.json", limits.jsonBytes);
  if (bytes === undefined) throw new ImageError("damaged", `${files.what} has no index.json`);
  const index = parseManifest(bytes, "index.json", limits);
  if (index.kind !== "index")
    throw new ImageError("damaged", "index.json is a manifest, an index is needed");
  const walk = new IndexWalk(files, limits);
  await walk.visitAll(index);
  const images: Image[] = [];
  for (const { descriptor, manifest, names } of walk.found.values()) {
    const image = await readOciImage(files, descriptor, manifest, [...names], limits);
    if (image instanceof ImageError) walk.refused.push(image);
    else images.push(image);
  }
  return { images, refused: walk.refused };
}

async function checkVersion(files: ArchiveFiles, limits: Limits): Promise<void> {
  const bytes = await files.read("oci-layout", limits.jsonBytes);
  if (bytes === undefined) return;
  const version = JsonObject.parse(bytes, "oci-layout", limits).requiredString(
    "imageLayoutVersion",
  );
  if (!/^1\.\d+\.\d+$/.test(version)) {
    throw new ImageError(
      "unsupported",
      `the OCI layout has version ${quote(version)}, only 1.0.0 is known`,
    );
  }
}
