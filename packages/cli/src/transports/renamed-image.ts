import type { OutputImage } from "@wharf/image";

/** The same image under other names. */
export function renamedImage(image: OutputImage, names: readonly string[]): OutputImage {
  return { ...image, names, config: (diffIds) => image.config(diffIds) };
}
