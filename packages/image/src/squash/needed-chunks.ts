import type { Compression } from "../compression/compression.ts";
import { decompress } from "../compression/decompress.ts";
import type { ByteSource } from "../source/byte-source.ts";
import type { NeededLayer } from "./needed-ranges.ts";

/** Bytes of a plain layer that are read for nothing rather than asking its store once more. */
const GAP = 4 * 2 ** 20;

/** A piece of the uncompressed stream. */
export interface PlacedChunk {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** The uncompressed stream of a layer, forwards; of a plain one only the parts around what is needed. */
export async function* neededChunks(
  blob: ByteSource,
  kind: Compression,
  needed: NeededLayer,
  signal: AbortSignal,
): AsyncGenerator<PlacedChunk> {
  if (kind !== "none") {
    yield* placed(decompress(blob, kind, { signal }), 0);
    return;
  }
  for (const [start, end] of spans(needed)) {
    signal.throwIfAborted();
    yield* placed(blob.stream(start, Math.min(end, blob.size)), start);
  }
}

async function* placed(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
): AsyncGenerator<PlacedChunk> {
  let position = start;
  for await (const bytes of chunks) {
    const { length } = bytes; // the consumer may give its memory back
    yield { position, bytes };
    position += length;
  }
}

/** Ranges and the small gaps between them. */
function spans({ starts, ends }: NeededLayer): [start: number, end: number][] {
  const result: [number, number][] = [];
  for (const [row, start] of starts.entries()) {
    const end = ends[row] ?? start;
    const last = result.at(-1);
    if (last !== undefined && start - last[1] < GAP) last[1] = end;
    else result.push([start, end]);
  }
  return result;
}
