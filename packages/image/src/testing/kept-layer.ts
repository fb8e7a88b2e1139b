import type { ByteSink } from "../source/byte-source.ts";
import { compressionOf } from "../compression/compression.ts";
import { decompress } from "../compression/decompress.ts";
import type { Digest } from "../document/digest.ts";
import { Digester } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";
import type { ImageLayer } from "../image.ts";
import type { OutputLayer } from "../squash/output-image.ts";

/** What reading a layer once has told about its uncompressed tar. */
export interface LayerContent {
  /** Uncompressed bytes. */
  readonly size: number;
  readonly diffId: Digest;
}

/**
 * A layer that goes out as it came in. Its stored bytes can be reused; where uncompressed bytes are asked for it is
 * decompressed, and the transfer fails with an {@link ImageError} `damaged` when they are not those of the diffID.
 *
 * @param content from the layer index, or from {@link measureLayer}
 */
export function keepLayer(layer: ImageLayer, content: LayerContent): OutputLayer {
  return {
    size: content.size,
    diffId: content.diffId,
    kept: layer,
    writeTo: (sink, signal) => writePlain(layer, content, sink, signal),
  };
}

/**
 * Reads a layer once to learn size and diffID.
 *
 * @throws {ImageError} `damaged` when the diffID is another one than the config names
 */
export async function measureLayer(layer: ImageLayer, signal?: AbortSignal): Promise<LayerContent> {
  const digester = new Digester(layer.diffId);
  let size = 0;
  for await (const chunk of decompress(layer.blob, await compressionOf(layer.blob), { signal })) {
    digester.update(chunk);
    size += chunk.length;
  }
  const diffId = digester.digest();
  if (layer.diffId !== undefined && layer.diffId !== diffId)
    throw wrongDiffId(diffId, layer.diffId);
  return { size, diffId };
}

async function writePlain(
  layer: ImageLayer,
  { size, diffId }: LayerContent,
  sink: ByteSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  const digester = new Digester(diffId);
  let written = 0;
  for await (const chunk of decompress(layer.blob, await compressionOf(layer.blob), { signal })) {
    written += chunk.length;
    if (written > size) break;
    const passing = sink(chunk);
    passing.catch(() => undefined); // told by the await below, also when hashing fails
    digester.update(chunk); // while the sink is at work
    await passing;
  }
  if (written !== size) {
    const found = written > size ? "more" : `${written}`;
    throw new ImageError(
      "damaged",
      `a kept layer has ${found} uncompressed bytes, expected ${size}`,
    );
  }
  const actual = digester.digest();
  if (actual !== diffId) throw wrongDiffId(actual, diffId);
}

function wrongDiffId(actual: Digest, expected: Digest): ImageError {
  return new ImageError(
    "damaged",
    `the uncompressed layer has digest ${actual}, expected diffID ${expected}`,
  );
}
