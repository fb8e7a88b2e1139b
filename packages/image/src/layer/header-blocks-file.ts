import type { ByteReader } from "../stored/byte-reader.ts";
import type { ByteWriter } from "../stored/byte-writer.ts";
import type { HeaderBlocks } from "./header-store.ts";

/** Bytes for each block in the columns. */
export const BLOCK_ROW_BYTES = 8;

/** Writes the lengths of all blocks, packed and plain. */
export function writeBlockLengths(writer: ByteWriter, { frames, starts }: HeaderBlocks): void {
  writer.column(Uint32Array.from(frames, ({ length }) => length));
  writer.column(
    Uint32Array.from(frames, (_, block) => (starts[block + 1] ?? 0) - (starts[block] ?? 0)),
  );
}

/** Writes the blocks, which are zstd frames already. */
export function writeBlocks(writer: ByteWriter, { frames }: HeaderBlocks): void {
  for (const frame of frames) writer.column(frame);
}

/**
 * Reads blocks back; they stay packed.
 *
 * @param lengths where their lengths stand
 * @param blocks where they stand themselves
 * @throws {ImageError} `damaged`
 */
export function readBlocks(lengths: ByteReader, blocks: ByteReader, count: number): HeaderBlocks {
  const packed = lengths.u32s(count);
  const plain = lengths.u32s(count);
  const starts = new Float64Array(count + 1);
  for (const [block, length] of plain.entries()) {
    if (length === 0) lengths.fail("an empty block of headers");
    starts[block + 1] = (starts[block] ?? 0) + length;
  }
  return { frames: Array.from(packed, (length) => blocks.bytes(length)), starts };
}
