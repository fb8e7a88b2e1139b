import type { ByteSink, ByteSource } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";
import type { SquashPlan } from "../flatten/squash-plan.ts";
import type { IndexedImage, IndexedLayer } from "../layer/index-image.ts";
import type { OutputImage, OutputLayer } from "./output-image.ts";
import { squashConfig } from "./squash-config.ts";
import { squashLayers } from "./squash-layers.ts";
import type { SquashOptions } from "./squash-layers.ts";
import type { SquashReport } from "./squash-report.ts";
import { writePlan } from "./write-plan.ts";

/** What is squashed, and how. */
export interface SquashImageOptions extends SquashOptions {
  /** Names of the result; default those of the source. */
  readonly names?: readonly string[] | undefined;
}

/** A squashed image, ready to be written, and the numbers behind it. */
export interface SquashedImage extends OutputImage {
  readonly report: SquashReport;
}

/**
 * Squashes an indexed image: layers `keep + 1` to `to` become one. Nothing is read yet; the exact size of every layer
 * is known, and writing it makes the same bytes each time. The indexed image must stay open until it is written.
 *
 * @throws {ImageError} `damaged` when an entry has no meaning, `invalid-request` for a range of layers that is none
 *
 * @example
 * await using source = await openImagePath("python.tar");
 * await using indexed = await indexImage(selectImage(source));
 * const squashed = squashImage(indexed, { keep: 1 });
 * squashed.layers.length; // => 2
 * squashed.report.warnings; // => []
 */
export function squashImage(
  indexed: IndexedImage,
  options: SquashImageOptions = {},
): SquashedImage {
  const { image, layers } = indexed;
  const indexes = layers.map(({ index }) => index);
  const { plan, change, report } = squashLayers(image.config, indexes, options);
  const output: OutputLayer[] = [
    ...layers.slice(0, change.keep).map(keptLayer),
    ...(plan === undefined ? [] : [squashedLayer(plan, layers)]),
    ...layers.slice(change.to).map(keptLayer),
  ];
  const isChanged = plan !== undefined || image.layers.some(({ diffId }) => diffId === undefined);
  return {
    names: options.names ?? image.names,
    platform: image.platform,
    layers: output,
    verified: indexed.verified,
    ...(image.annotations === undefined ? {} : { annotations: image.annotations }),
    config: (diffIds: readonly Digest[]) =>
      isChanged ? squashConfig(image.config, diffIds, change) : image.config,
    report,
  };
}

function squashedLayer(plan: SquashPlan, layers: readonly IndexedLayer[]): OutputLayer {
  let isWritten = false;
  const isOnce = layers.some(({ content }) => content.release !== undefined);
  return {
    size: plan.size,
    diffId: undefined,
    kept: undefined,
    async writeTo(sink, signal) {
      if (isWritten && isOnce) throw new Error("the image was indexed to be written once");
      isWritten = true;
      await writePlan(plan, layers, sink, signal);
    },
  };
}

function keptLayer({ layer, index, content }: IndexedLayer): OutputLayer {
  return {
    size: index.size,
    diffId: index.diffId,
    kept: { ...layer, digest: index.digest, diffId: index.diffId },
    writeTo: (sink, signal) => copy(content, sink, signal),
  };
}

async function copy(
  content: ByteSource,
  sink: ByteSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  for await (const chunk of content.stream()) {
    signal?.throwIfAborted();
    await sink(chunk);
  }
}
