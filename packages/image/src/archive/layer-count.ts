import { ImageError } from "../image-error.ts";
import type { Limits } from "../limits.ts";

/**
 * Checks that an image has as many layers as its config names diffIDs.
 *
 * @throws {ImageError} `damaged` or `limit`
 */
export function checkLayerCount(
  layers: number,
  diffIds: number,
  what: string,
  limits: Limits,
): void {
  if (layers !== diffIds) {
    throw new ImageError(
      "damaged",
      `${what} has ${layers} layers, its config names ${diffIds} diffIDs`,
    );
  }
  if (layers > limits.layers) {
    throw new ImageError(
      "limit",
      `${what} has ${layers} layers, at most ${limits.layers} are read`,
    );
  }
}
