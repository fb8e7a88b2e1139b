import type { ByteSink, ByteSource } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";
import { flatten } from "../flatten/flatten.ts";
import type { Flattened } from "../flatten/flatten.ts";
import { ImageError } from "../image-error.ts";
import type { IndexedImage, IndexedLayer } from "../layer/index-image.ts";
import type { OutputImage, OutputLayer } from "./output-image.ts";
import { layerCommands, squashConfig } from "./squash-config.ts";
import type { LayerReport, SquashReport } from "./squash-report.ts";
import { writePlan } from "./write-plan.ts";

/** What is squashed, and how. */
export interface SquashImageOptions {
  /** Layers at the bottom that stay as they are; default 0. */
  readonly keep?: number | undefined;
  /** The layer, counted from the bottom, up to which is squashed; default all. Layers above stay. */
  readonly to?: number | undefined;
  /** Names of the result; default those of the source. */
  readonly names?: readonly string[] | undefined;
  /** `keep` (default): the history entry of the squashed layer lists the commands behind it; `scrub`: it does not. */
  readonly history?: "keep" | "scrub" | undefined;
  /** Leaves out extended attributes by name, such as `security.selinux`. */
  readonly dropXattr?: ((name: string) => boolean) | undefined;
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
  const keep = options.keep ?? 0;
  const to = options.to ?? layers.length;
  if (keep < 0 || to > layers.length || keep > to) {
    throw new ImageError(
      "invalid-request",
      `cannot squash layers ${keep + 1} to ${to} of ${layers.length}`,
      {
        hint: "layers are counted from the bottom; the last one to squash must lie above those that stay",
      },
    );
  }
  const flattened = flatten(
    layers.map(({ index }) => index),
    { keep, to, dropXattr: options.dropXattr },
  );
  const isSquashed = to > keep;
  const output: OutputLayer[] = [
    ...layers.slice(0, keep).map(keptLayer),
    ...(isSquashed ? [squashedLayer(flattened, layers)] : []),
    ...layers.slice(to).map(keptLayer),
  ];
  const isChanged = isSquashed || image.layers.some(({ diffId }) => diffId === undefined);
  const change = { layers: layers.length, keep, to, history: options.history ?? "keep" };
  return {
    names: options.names ?? image.names,
    platform: image.platform,
    layers: output,
    verified: indexed.verified,
    ...(image.annotations === undefined ? {} : { annotations: image.annotations }),
    config: (diffIds: readonly Digest[]) =>
      isChanged ? squashConfig(image.config, diffIds, change) : image.config,
    report: report(indexed, flattened, output, keep),
  };
}

function squashedLayer({ plan }: Flattened, layers: readonly IndexedLayer[]): OutputLayer {
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

function report(
  { image, layers }: IndexedImage,
  flattened: Flattened,
  output: readonly OutputLayer[],
  keep: number,
): SquashReport {
  const commands = layerCommands(image.config, layers.length);
  return {
    layersBefore: layers.length,
    layersAfter: output.length,
    bytesBefore: layers.reduce((sum, { index }) => sum + index.size, 0),
    bytesAfter: output.reduce((sum, { size }) => sum + size, 0),
    keptBase: keep,
    layers: layers.map(({ index }, layer) =>
      layerReport(index, flattened, layer, commands[layer] ?? ""),
    ),
    deadWeight: flattened.deadWeight,
    warnings: flattened.warnings,
  };
}

function layerReport(
  index: IndexedLayer["index"],
  flattened: Flattened,
  layer: number,
  createdBy: string,
): LayerReport {
  const effect = flattened.effects[layer] ?? { added: 0, changed: 0, hidden: 0 };
  // Layers above the squashed ones are not flattened; they stay whole.
  const contributedBytes = flattened.contributedBytes[layer] ?? index.size;
  return {
    number: layer + 1,
    size: index.size,
    storedSize: index.storedSize,
    entries: index.table.count,
    ...effect,
    contributedBytes,
    wastedBytes: index.size - contributedBytes,
    createdBy,
  };
}
