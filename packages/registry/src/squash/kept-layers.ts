import { ImageError, parseDigest, resolveBase } from "@wharf/image";
import type { BaseImage, Digest, Image } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { RegistryError } from "../http/registry-error.ts";
import { findManifest, findTaggedManifest } from "../repositories/manifest-store.ts";
import { isTagName } from "../repositories/tag-name.ts";
import { sourceImage } from "./source-image.ts";
import type { SourceImage } from "./source-image.ts";

/**
 * How many layers at the bottom of an image stay.
 *
 * @param from a layer number (so many stay), a digest of a layer, or a tag or digest of an image of the same repository
 *   that it was built on; undefined: none stays
 * @throws {RegistryError} PARAMETER_INVALID
 */
export async function keptLayers(
  context: RegistryContext,
  image: SourceImage,
  from: string | undefined,
): Promise<number> {
  if (from === undefined) return 0;
  const base = await baseImage(context, image, from);
  try {
    return resolveBase(libraryImage(image), base === undefined ? [] : [base], from);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new RegistryError("PARAMETER_INVALID", `from: ${error.reason}`, {
      detail: { parameter: "from", value: from.slice(0, 200), layers: image.layers.length },
      cause: error,
    });
  }
}

async function baseImage(
  context: RegistryContext,
  { repository, platform }: SourceImage,
  from: string,
): Promise<BaseImage | undefined> {
  if (/^[0-9]{1,4}$/.test(from)) return undefined;
  const db = context.database.read;
  const digest = asDigest(from);
  const manifest =
    digest !== undefined
      ? await findManifest(db, repository.id, digest)
      : isTagName(from)
        ? await findTaggedManifest(db, repository.id, from, context.now())
        : undefined;
  if (manifest === undefined) return undefined;
  const wanted = [platform.os, platform.architecture, platform.variant].filter(
    (part) => part !== undefined,
  );
  const base = await sourceImage(context, repository, manifest, wanted.join("/"));
  const { names, configDigest, manifestDigest, platform: its, layers } = libraryImage(base);
  return { names: [...names, from], configDigest, manifestDigest, platform: its, layers };
}

function asDigest(text: string): Digest | undefined {
  try {
    return parseDigest(text);
  } catch {
    return undefined;
  }
}

/** The image as the library knows one. Its layers are not read for this. */
function libraryImage(image: SourceImage): Image {
  return {
    names: [],
    config: image.config,
    configDigest: image.configDigest,
    manifestDigest: image.digest,
    platform: image.platform,
    layers: image.layers.map(({ digest, mediaType, size }, number) => ({
      digest,
      mediaType,
      diffId: image.diffIds[number],
      blob: {
        size,
        stream: () => {
          throw new Error("layers are not read in order to count them");
        },
      },
    })),
  };
}
