import type { Digest } from "../document/digest.ts";
import { hexOf } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";
import type { Image, ImageLayer } from "../image.ts";
import { layerCommands } from "./squash-config.ts";

/** What must be known of an image that may be the base of another; an {@link Image} has it all. */
export type BaseImage = Pick<Image, "names" | "configDigest" | "manifestDigest" | "platform"> & {
  readonly layers: readonly Pick<ImageLayer, "diffId" | "v1Id">[];
};

/**
 * Finds how many layers at the bottom stay, from what docker-squash calls `-from`: the layer after which squashing
 * starts.
 *
 * @param image the image to squash
 * @param others images that may be named as the base: all of the same source
 * @param from `scratch` (nothing stays), a layer number (that many stay), a layer's digest, diffID or ID, an image's
 *   digest or ID, a name or tag of an image that the image was built on; default: the first FROM layer as docker-squash
 *   finds it, which is an earlier squash (`#(squash)`), else the first `#(nop) ADD file`, else the lowest layer
 * @returns number of layers that stay
 * @throws {ImageError} `not-found` or `invalid-request`
 *
 * @example
 * await using source = await openImagePath("python.tar");
 * const image = selectImage(source);
 * resolveBase(image, source.images, undefined); // => 1
 * resolveBase(image, source.images, "scratch"); // => 0
 * resolveBase(image, source.images, image.layers[1]?.diffId); // => 2
 */
export function resolveBase(
  image: Image,
  others: readonly BaseImage[],
  from: string | undefined,
): number {
  if (from === undefined) return defaultBase(image);
  if (from === "scratch") return 0;
  if (from === "root") return Math.min(1, image.layers.length); // docker-squash's word for the lowest layer
  if (/^[0-9]{1,4}$/.test(from)) return byNumber(image, Number(from));
  const layers = byLayer(image, from);
  if (layers !== undefined) return layers;
  const base = byImage(image, others, from);
  if (base !== undefined) return sharedLayers(image, base, from);
  throw new ImageError("not-found", `no layer or image ${from} to squash from`, {
    hint: "give a layer number, a layer's digest or ID, a name of the base image in the same source, or scratch; wharf inspect shows the layers",
  });
}

function defaultBase({ config, layers }: Image): number {
  if (layers.length === 0) return 0;
  const commands = layerCommands(config, layers.length);
  const squashed = commands.findIndex((command) => command.includes("#(squash)"));
  if (squashed >= 0) return squashed + 1;
  return (
    Math.max(
      0,
      commands.findIndex((command) => command.includes("#(nop) ADD file")),
    ) + 1
  );
}

function byNumber({ layers }: Image, number: number): number {
  if (number <= layers.length) return number;
  throw new ImageError("not-found", `there is no layer ${number}, the image has ${layers.length}`);
}

/** A digest must match whole, an ID by its first digits. */
function byLayer({ layers }: Image, from: string): number | undefined {
  const matches = layers.flatMap(({ digest, diffId, v1Id }, index) =>
    [digest, diffId].some((candidate) => matchesDigest(candidate, from)) || matchesId(v1Id, from)
      ? [index + 1]
      : [],
  );
  if (new Set(matches).size > 1)
    throw new ImageError("invalid-request", `${from} fits layers ${matches.join(", ")}`);
  return matches[0];
}

function byImage(image: Image, others: readonly BaseImage[], from: string): BaseImage | undefined {
  const candidates: BaseImage[] = [...others, image];
  const matches = candidates.filter(
    ({ names, configDigest, manifestDigest }) =>
      names.some((name) => matchesName(name, from)) ||
      matchesDigest(configDigest, from) ||
      matchesDigest(manifestDigest, from),
  );
  return (
    matches.find(({ platform }) => platform.architecture === image.platform.architecture) ??
    matches[0]
  );
}

/** How many layers an image has from its base; all of the base's. */
function sharedLayers(image: Image, base: BaseImage, from: string): number {
  const shared = base.layers.findIndex((layer, index) => {
    const own = image.layers[index];
    return (
      own === undefined ||
      own.diffId !== layer.diffId ||
      (layer.diffId === undefined && own.v1Id !== layer.v1Id)
    );
  });
  if (shared < 0) return base.layers.length;
  throw new ImageError(
    "invalid-request",
    `${from} is no base of the image: it shares ${shared} of its ${base.layers.length} layers`,
    {
      hint: "give a layer number instead; wharf inspect shows the layers",
    },
  );
}

function matchesDigest(digest: Digest | undefined, from: string): boolean {
  return digest !== undefined && (digest === from || matchesId(hexOf(digest), from));
}

/** At least six hex digits, so that a tag such as `3` or `beef` stays a tag. */
function matchesId(id: string | undefined, from: string): boolean {
  return id !== undefined && /^[0-9a-f]{6,}$/.test(from) && id.startsWith(from);
}

/** `name:tag`, a name without `:latest`, or the tag alone. */
function matchesName(name: string, from: string): boolean {
  const short = name.replace(/^docker\.io\/(library\/)?/, "");
  return [name, short].some(
    (known) => known === from || known === `${from}:latest` || known.endsWith(`:${from}`),
  );
}
