import { parseDigest } from "../document/digest.ts";
import type { ByteReader } from "../stored/byte-reader.ts";
import type { ByteWriter } from "../stored/byte-writer.ts";
import type { EntryTable, SparseMap } from "./entry-table.ts";
import type { LayerIndex, LayerWarning } from "./layer-index.ts";

/** What an index knows beside its columns. */
export type LayerFacts = Omit<LayerIndex, "table" | "headers"> & Pick<EntryTable, "sparse">;

/** Writes what an index knows beside its columns. */
export function writeLayerFacts(writer: ByteWriter, facts: LayerFacts): void {
  writer.size(facts.size);
  writer.size(facts.storedSize);
  writer.text(facts.diffId, "latin1");
  writer.text(facts.digest, "latin1");
  writer.u32(facts.warnings.length);
  for (const { rule, message, path } of facts.warnings) {
    writer.u32(rule);
    writer.text(message, "utf8");
    writer.u32(path === undefined ? 0 : 1);
    if (path !== undefined) writer.text(path, "latin1");
  }
  writer.u32(facts.sparse.size);
  for (const [entry, { realSize, pieces }] of facts.sparse) {
    writer.u32(entry);
    writer.size(realSize);
    writer.u32(pieces.length);
    for (const [offset, length] of pieces) {
      writer.size(offset);
      writer.size(length);
    }
  }
}

/** @throws {ImageError} `damaged` */
export function readLayerFacts(reader: ByteReader): LayerFacts {
  const size = reader.size();
  const storedSize = reader.size();
  const diffId = parseDigest(reader.text("latin1"));
  const digest = parseDigest(reader.text("latin1"));
  const warnings = list(reader, 12, () => readWarning(reader));
  const sparse = new Map(list(reader, 16, () => [reader.u32(), readSparseMap(reader)] as const));
  return { size, storedSize, diffId, digest, warnings, sparse };
}

function readWarning(reader: ByteReader): LayerWarning {
  const rule = reader.u32();
  const message = reader.text("utf8");
  return reader.u32() === 0 ? { rule, message } : { rule, message, path: reader.text("latin1") };
}

function readSparseMap(reader: ByteReader): SparseMap {
  const realSize = reader.size();
  return { realSize, pieces: list(reader, 16, () => [reader.size(), reader.size()] as const) };
}

/** A count and so many rows of at least `minimum` bytes each, so that the count cannot lie. */
function list<Row>(reader: ByteReader, minimum: number, read: () => Row): Row[] {
  const count = reader.u32();
  if (count * minimum > reader.left) reader.fail(`a list of ${count}`);
  return Array.from({ length: count }, read);
}
