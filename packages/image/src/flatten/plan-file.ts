import { ImageError } from "../image-error.ts";
import {
  BLOCK_ROW_BYTES,
  readBlocks,
  writeBlockLengths,
  writeBlocks,
} from "../layer/header-blocks-file.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import type { ByteReader } from "../stored/byte-reader.ts";
import { ByteWriter } from "../stored/byte-writer.ts";
import { sealBytes, unsealBytes } from "../stored/sealed-bytes.ts";
import { readSizes, SIZE_BYTES, writeSizes } from "../stored/size-column.ts";
import { LITERAL, ZEROS } from "./packed-plan.ts";
import type { PackedPlan } from "./packed-plan.ts";

/** Grows whenever stored plans must be made anew: another format, or other bytes for the same image. */
export const PLAN_VERSION: number = 1;

const KIND = { magic: "wharf-pl", version: PLAN_VERSION, what: "the squash plan" };

/** Bytes for each segment in the columns. */
const ROW_BYTES = 4 + 2 * SIZE_BYTES;

/** A plan as bytes to store: some 10 for each segment. With it a layer can be squashed without any index. */
export function encodePlan(plan: PackedPlan): Uint8Array {
  const columns = new ByteWriter();
  columns.size(plan.size);
  columns.column(new Uint32Array(plan.source.buffer, plan.source.byteOffset, plan.source.length));
  writeSizes(columns, plan.start);
  writeSizes(columns, plan.length);
  writeBlockLengths(columns, plan.literals);
  const file = new ByteWriter();
  file.u32(plan.source.length);
  file.u32(plan.literals.frames.length);
  file.packed(columns);
  writeBlocks(file, plan.literals);
  return sealBytes(KIND, file);
}

/**
 * Reads a stored plan. The bytes are not trusted.
 *
 * @param bytes must not change as long as the plan is in use
 * @throws {ImageError} `damaged`, `limit`, or `unsupported` for another {@link PLAN_VERSION}
 */
export function decodePlan(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): PackedPlan {
  const file = unsealBytes(KIND, bytes);
  const count = file.u32();
  const blocks = file.u32();
  // An entry may need a header, its data, and the padding of it; a sparse file has many pieces.
  if (count > 4 * limits.imageEntries + limits.layerNameBytes / 64)
    throw new ImageError("limit", `the squash plan has ${count} segments`);
  if (blocks > file.left) file.fail(`${blocks} blocks of headers`);
  const columns = file.packed(SIZE_BYTES + count * ROW_BYTES + blocks * BLOCK_ROW_BYTES);
  const size = columns.size();
  const source = new Int32Array(columns.u32s(count).buffer);
  const start = readSizes(columns, count);
  const length = readSizes(columns, count);
  const literals = readBlocks(columns, file, blocks);
  columns.end();
  file.end();
  const plan = { size, source, start, length, literals };
  check(columns, plan);
  return plan;
}

/** Layers ascend and are read forwards, literals follow each other within their blocks, and the lengths add up. */
function check(reader: ByteReader, { size, source, start, length, literals }: PackedPlan): void {
  let total = 0;
  let layer = 0;
  let layerEnd = 0;
  let literalEnd = 0;
  let block = 0;
  for (const [row, from] of source.entries()) {
    const begin = start[row] ?? 0;
    const end = begin + (length[row] ?? 0);
    total += end - begin;
    if (from === LITERAL) {
      while (begin >= (literals.starts[block + 1] ?? Infinity)) block++;
      if (begin !== literalEnd || !(end <= (literals.starts[block + 1] ?? -1)))
        reader.fail("a literal is not where it should be");
      literalEnd = end;
    } else if (from !== ZEROS) {
      if (from < layer || (from === layer && begin < layerEnd))
        reader.fail("a layer is read backwards");
      layer = from;
      layerEnd = end;
    }
  }
  if (total !== size) reader.fail(`segments of ${total} bytes instead of ${size}`);
}
