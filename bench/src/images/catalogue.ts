import type { ImageConfig } from "./image-config.ts";
import { syntheticConfig } from "./image-config.ts";
import { largeFiles } from "./large-files.ts";
import type { LayerSource } from "./layer-source.ts";
import { pythonImage } from "./python-image.ts";
import { smallFiles } from "./small-files.ts";

/** How an image is made. */
export interface Recipe {
  /** Also packed as OCI layout with gzip layers. */
  readonly withOci: boolean;
  /** @param directory an empty folder that may be used until the image is packed */
  make(directory: string): Promise<{ config: ImageConfig; layers: LayerSource[] }>;
}

const MEGABYTE = 1_000_000;
/** In the entries images a file has at most this size, so that entries cost more than bytes. */
const TINY = 400;

/** All images by name. */
export const catalogue: ReadonlyMap<string, Recipe> = new Map<string, Recipe>([
  ["python", { withOci: true, make: pythonImage }],
  ["files-80k", synthetic(true, () => smallFiles(80_000, 4000))],
  // 1.2 entries per file (the overwritten and the deleted tenth), and folders.
  ...[125, 250, 500, 1000].map((thousands): [string, Recipe] => [
    `entries-${thousands}k`,
    synthetic(false, () => smallFiles(Math.round((thousands * 1000) / 1.23), TINY)),
  ]),
  ["size-70m", synthetic(true, () => largeFiles(70 * MEGABYTE))],
  ["size-700m", synthetic(true, () => largeFiles(700 * MEGABYTE))],
  ["size-7g", synthetic(false, () => largeFiles(7000 * MEGABYTE))],
]);

function synthetic(withOci: boolean, layersOf: () => LayerSource[]): Recipe {
  return {
    withOci,
    make: () => {
      const layers = layersOf();
      return Promise.resolve({ config: syntheticConfig(layers), layers });
    },
  };
}
