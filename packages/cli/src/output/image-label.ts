import { hexOf } from "@wharf/image";
import type { Digest, Platform } from "@wharf/image";

import { safeText } from "./safe-text.ts";

/** The parts of an image that tell a person which one it is. */
export interface LabelledImage {
  readonly names: readonly string[];
  readonly platform: Platform;
  readonly configDigest: Digest;
}

/** `python:2.7.11`, `python:2.7.11 and 2 more names`, or the beginning of its digest as engines show it. */
export function imageLabel({ names, configDigest }: LabelledImage): string {
  const [first, ...others] = names;
  if (first === undefined) return hexOf(configDigest).slice(0, 12);
  return safeText(first) + (others.length === 0 ? "" : ` (+${others.length})`);
}

/** `linux/arm64/v8`. */
export function platformText({ os, architecture, variant }: Platform): string {
  return safeText([os, architecture, ...(variant === undefined ? [] : [variant])].join("/"));
}
