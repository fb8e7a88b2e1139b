import { type BaseImage, type Image, ImageError, type Platform, resolveBase } from "@wharf/image";

/**
 * How many layers stay. `-from` may name another image of the source, or one in the engine or registry that the source
 * comes from.
 *
 * @param all images of the source
 * @param find looks there for an image that the source does not hold
 * @throws {ImageError} when `from` names nothing, or no base of the image
 */
export async function baseLayers(
  image: Image,
  all: readonly Image[],
  from: string | undefined,
  find: (from: string, platform: Platform) => Promise<BaseImage | undefined>,
): Promise<number> {
  const others = all.filter((other) => other !== image);
  try {
    return resolveBase(image, others, from);
  } catch (error) {
    if (from === undefined || !(error instanceof ImageError) || error.code !== "not-found")
      throw error;
    const base = await find(from, image.platform);
    if (base === undefined) throw error;
    return resolveBase(image, [...others, base], from);
  }
}
