import { hexOf } from "./document/digest.ts";
import { ImageError } from "./image-error.ts";
import { refuseWindows } from "./document/image-config.ts";
import { canonicalImageName, splitImageName } from "./document/image-name.ts";
import type { Image, ImageSource } from "./image.ts";
import { formatPlatform, hostPlatform, parsePlatform, platformFit } from "./document/platform.ts";
import { quote } from "./document/quote.ts";

/** Which image of a source is meant. */
export interface WantedImage {
  /** A name (`:latest` where it has no tag), a digest, or the first digits of an image or manifest digest. */
  readonly name?: string | undefined;
  /** `os/architecture[/variant]`; default, where the source has several, the platform of this machine. */
  readonly platform?: string | undefined;
}

/** Rows that an error lists at most. */
const LISTED = 20;

/**
 * Picks one image of a source.
 *
 * @throws {ImageError} `not-found` or `invalid-request`; the hint lists what is there
 *
 * @example
 * await using source = await openImagePath("python.tar");
 * const image = selectImage(source, { name: "python:2.7.11", platform: "linux/amd64" });
 * image.layers.length; // => 3
 */
export function selectImage(source: Pick<ImageSource, "images">, wanted: WantedImage = {}): Image {
  const named =
    wanted.name === undefined ? source.images : imagesByName(source.images, wanted.name);
  const fitting = imagesByPlatform(named, wanted.platform);
  const [first, ...others] = fitting;
  if (first === undefined) throw new ImageError("not-found", "the source holds no image");
  if (others.length > 0) {
    throw new ImageError(
      "invalid-request",
      `${fitting.length} images could be meant, one must be chosen`,
      {
        hint: `name one of them: ${list(fitting)}`,
      },
    );
  }
  return first;
}

function imagesByName(images: readonly Image[], name: string): readonly Image[] {
  const same = (candidate: string): readonly Image[] => {
    const canonical = canonicalImageName(candidate);
    return images.filter((image) =>
      image.names.some((other) => canonicalImageName(other) === canonical),
    );
  };
  // podman puts `localhost/` before short names
  const found = [
    images.filter((image) => image.names.includes(name)),
    same(name),
    splitImageName(name).registry === "docker.io" ? same(`localhost/${name}`) : [],
    imagesByDigest(images, name),
  ].find((matches) => matches.length > 0);
  if (found === undefined) {
    throw new ImageError("not-found", `no image ${quote(name)} in the source`, {
      hint: `it holds: ${list(images)}`,
    });
  }
  return found;
}

function imagesByDigest(images: readonly Image[], name: string): readonly Image[] {
  const prefix = (splitImageName(name).digest ?? name)
    .replace(/^sha(?:256|512):/, "")
    .toLowerCase();
  if (!/^[0-9a-f]{4,128}$/.test(prefix)) return [];
  return images.filter(
    (image) =>
      hexOf(image.configDigest).startsWith(prefix) ||
      (image.manifestDigest !== undefined && hexOf(image.manifestDigest).startsWith(prefix)),
  );
}

/** A single image needs no choice. Among equal platforms all stay: then the name has to tell them apart. */
function imagesByPlatform(images: readonly Image[], wanted: string | undefined): readonly Image[] {
  const platforms = new Set(images.map((image) => formatPlatform(image.platform)));
  if (wanted === undefined && platforms.size <= 1) return images;
  const platform = wanted === undefined ? hostPlatform() : parsePlatform(wanted);
  refuseWindows(platform, "the wanted platform");
  const fits = images.map((image) => platformFit(platform, image.platform));
  const best = Math.max(0, ...fits);
  if (best === 0) {
    throw new ImageError("not-found", `no image for ${formatPlatform(platform)} in the source`, {
      hint: `${wanted === undefined ? "choose a platform; " : ""}it holds: ${[...platforms].slice(0, LISTED).join(", ")}`,
    });
  }
  return images.filter((_, index) => fits[index] === best);
}

function list(images: readonly Image[]): string {
  const rows = images.slice(0, LISTED).map((image) => {
    const name = image.names.length > 0 ? image.names.map(quote).join(", ") : image.configDigest;
    return `${name} (${formatPlatform(image.platform)})`;
  });
  return rows.join("; ") + (images.length > LISTED ? `; and ${images.length - LISTED} more` : "");
}
