import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Writes sizes as low and high halves, each a column: the high ones are nearly all zero and cost nothing packed. */
export function writeSizes(writer: ByteWriter, sizes: Float64Array): void {
  const low = new Uint32Array(sizes.length);
  const high = new Uint32Array(sizes.length);
  for (const [row, size] of sizes.entries()) {
    low[row] = size % 2 ** 32;
    high[row] = size / 2 ** 32;
  }
  writer.column(low);
  writer.column(high);
}

/** @throws {ImageError} `damaged` for a size beyond 2^53 - 1 */
export function readSizes(reader: ByteReader, count: number): Float64Array {
  const low = reader.u32s(count);
  const high = reader.u32s(count);
  const sizes = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const upper = high[row] ?? 0;
    if (upper >= 2 ** 21) reader.fail("a size beyond all limits");
    sizes[row] = (low[row] ?? 0) + upper * 2 ** 32;
  }
  return sizes;
}

/** Bytes of such a column. */
export const SIZE_BYTES = 8;
