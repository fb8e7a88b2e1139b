import { createHash } from "node:crypto";
import type { Digest } from "@wharf/image";

/**
 * Names a stack of layers: images with the same layers are squashed in the same way, whatever their configs say.
 *
 * @param digests of the stored layers, lowest first
 * @returns 64 hex digits
 */
export function layerStackId(digests: readonly Digest[]): string {
  return createHash("sha256").update(digests.join(" ")).digest("hex");
}
