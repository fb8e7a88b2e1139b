import { selectImage } from "@wharf/image";
import type { Image, ImageSource } from "@wharf/image";

/** What the command line says about the wanted images. */
export interface WantedImages {
  /** The one name that is meant; without it all. */
  readonly name?: string | undefined;
  /** `os/arch[/variant]`; `all` for every platform; without it that of this machine, or the only one. */
  readonly platform?: string | undefined;
}

/**
 * Which images of a source are meant: all names it holds unless one is given, of each the wanted platform.
 *
 * @throws {ImageError} `not-found` or `invalid-request` that lists what is there
 */
export function chooseImages(
  source: Pick<ImageSource, "images">,
  wanted: WantedImages,
): readonly Image[] {
  const { name, platform } = wanted;
  const groups = groupsByName(source.images);
  if (platform === "all") return name === undefined ? source.images : groupNamed(groups, name);
  if (name !== undefined) return [selectImage(source, { name, platform })];
  return groups.map((images) => selectImage({ images }, { platform }));
}

/** The platforms of one name belong together; images without a name only if their platforms differ. */
function groupsByName(images: readonly Image[]): Image[][] {
  const groups: Image[][] = [];
  for (const image of images) {
    const group = groups.find((members) =>
      members.every((member) => sameNames(member, image) && !samePlatform(member, image)),
    );
    if (group === undefined) groups.push([image]);
    else group.push(image);
  }
  return groups;
}

/** One member stands for its group, so that no platform has to be chosen. */
function groupNamed(groups: readonly Image[][], name: string): readonly Image[] {
  const representatives = groups.flatMap((members) => members.slice(0, 1));
  const chosen = selectImage({ images: representatives }, { name });
  return groups.find((members) => members.includes(chosen)) ?? [chosen];
}

function sameNames(a: Image, b: Image): boolean {
  return a.names.length === b.names.length && a.names.every((name) => b.names.includes(name));
}

function samePlatform({ platform: a }: Image, { platform: b }: Image): boolean {
  return (
    a.os === b.os &&
    a.architecture === b.architecture &&
    a.variant === b.variant &&
    a.osVersion === b.osVersion
  );
}
