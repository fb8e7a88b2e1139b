import type { OutputImage } from "@wharf/image";

/** The same image under other names. */
export function renamedImage(image: OutputImage, names: readonly string[]): OutputImage {
  const { platform, layers, annotations } = image;
  return {
    names,
    platform,
    layers,
    ...(annotations === undefined ? {} : { annotations }),
    config: (diffIds) => image.config(diffIds),
  };
}
