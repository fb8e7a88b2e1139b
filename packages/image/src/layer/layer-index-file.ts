import { ImageError } from "../image-error.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { ByteWriter } from "../stored/byte-writer.ts";
import { sealBytes, unsealBytes } from "../stored/sealed-bytes.ts";
import { checkLayerIndex } from "./check-layer-index.ts";
import { readColumns, TABLE_ROW_BYTES, writeColumns } from "./entry-table-file.ts";
import {
  BLOCK_ROW_BYTES,
  readBlocks,
  writeBlockLengths,
  writeBlocks,
} from "./header-blocks-file.ts";
import { readLayerFacts, writeLayerFacts } from "./layer-facts-file.ts";
import type { LayerIndex } from "./layer-index.ts";

/** Grows whenever stored indexes must be made anew: another format, or entries that are read in another way. */
export const LAYER_INDEX_VERSION: number = 1;

const KIND = { magic: "wharf-li", version: LAYER_INDEX_VERSION, what: "the layer index" };

/**
 * A layer index as bytes to store, some 30 for each entry. Behind magic, version and checksum come four counts, a zstd
 * frame with everything in columns, and the blocks of raw headers as they are.
 *
 * @example
 * import { open } from "node:fs/promises";
 *
 * await using file = await open("layer.tar.gz");
 * const { size } = await file.stat();
 * const index = await indexLayer(fileSource({ fd: file.fd, offset: 0, size }));
 * decodeLayerIndex(encodeLayerIndex(index)).table.count; // => 2
 */
export function encodeLayerIndex(index: LayerIndex): Uint8Array {
  const { table, headers } = index;
  const facts = new ByteWriter();
  writeLayerFacts(facts, { ...index, sparse: table.sparse });
  const factBytes = facts.bytes();
  const columns = new ByteWriter();
  writeColumns(columns, table);
  writeBlockLengths(columns, headers);
  columns.column(factBytes);
  const file = new ByteWriter();
  for (const count of [table.count, table.names.length, headers.frames.length, factBytes.length])
    file.u32(count);
  file.packed(columns);
  writeBlocks(file, headers);
  return sealBytes(KIND, file);
}

/**
 * Reads a stored index. The bytes are not trusted: whatever they hold, the result is an index that can be worked with,
 * or an error.
 *
 * @param bytes must not change as long as the index is in use
 * @throws {ImageError} `damaged`, `limit`, or `unsupported` for another {@link LAYER_INDEX_VERSION}
 */
export function decodeLayerIndex(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): LayerIndex {
  const file = unsealBytes(KIND, bytes);
  const count = atMost(file.u32(), limits.layerEntries, "entries");
  const names = atMost(file.u32(), limits.layerNameBytes, "bytes of names");
  const blocks = atMost(file.u32(), file.left, "blocks of headers");
  const factBytes = atMost(file.u32(), limits.layerNameBytes, "bytes of facts");
  const columns = file.packed(
    count * TABLE_ROW_BYTES + names + blocks * BLOCK_ROW_BYTES + factBytes,
  );
  const table = readColumns(columns, count, names);
  const headers = readBlocks(columns, file, blocks);
  const { sparse, ...facts } = readLayerFacts(columns);
  columns.end();
  file.end();
  const index = { table: { ...table, sparse }, headers, ...facts };
  checkLayerIndex(index, limits);
  return index;
}

function atMost(count: number, maximum: number, what: string): number {
  if (count <= maximum) return count;
  throw new ImageError("limit", `the layer index has ${count} ${what}, allowed are ${maximum}`);
}
