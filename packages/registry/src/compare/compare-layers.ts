import type { ConfigFacts } from "../repositories/manifests/config-facts.ts";
import { layerSteps } from "../repositories/manifests/layer-steps.ts";
import type { SourceImage } from "../squash/source-image.ts";

/** A layer of one of two images, or of both. */
export interface ComparedLayer {
  readonly status: "shared" | "added" | "removed";
  readonly digest: string;
  readonly compressedSize: number;
  /** Uncompressed bytes. */
  readonly size: number;
  readonly command: string | undefined;
  /** Counted from 0; undefined: that image does not have it. */
  readonly baseIndex: number | undefined;
  readonly headIndex: number | undefined;
}

/** An image with what is known of its layers. */
export interface MeasuredImage {
  readonly image: SourceImage;
  readonly facts: ConfigFacts | undefined;
  /** Uncompressed bytes of the layers, lowest first. */
  readonly sizes: readonly number[];
}

/** The layers of the head from the bottom, then those that only the base has. A layer that is there twice counts twice. */
export function compareLayers(base: MeasuredImage, head: MeasuredImage): ComparedLayer[] {
  const left = new Map<string, number[]>();
  for (const [index, { digest }] of base.image.layers.entries()) {
    left.set(digest, [...(left.get(digest) ?? []), index]);
  }
  const compared = layersOf(head).map((layer, headIndex): ComparedLayer => {
    const baseIndex = left.get(layer.digest)?.shift();
    const status = baseIndex === undefined ? "added" : "shared";
    return { ...layer, status, baseIndex, headIndex };
  });
  const removed = new Set([...left.values()].flat());
  const gone = layersOf(base).flatMap((layer, baseIndex): ComparedLayer[] =>
    removed.has(baseIndex)
      ? [{ ...layer, status: "removed", baseIndex, headIndex: undefined }]
      : [],
  );
  return [...compared, ...gone];
}

function layersOf({ image, facts, sizes }: MeasuredImage) {
  const steps = layerSteps(facts?.history ?? [], image.layers.length);
  const commands = new Map(steps.map(({ layer, command }) => [layer, command]));
  return image.layers.map(({ digest, size }, index) => ({
    digest: digest as string,
    compressedSize: size,
    size: sizes[index] ?? 0,
    command: commands.get(index),
  }));
}
