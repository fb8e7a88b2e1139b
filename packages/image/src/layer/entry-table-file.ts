import type { ByteReader } from "../stored/byte-reader.ts";
import type { ByteWriter } from "../stored/byte-writer.ts";
import { readSizes, SIZE_BYTES, writeSizes } from "../stored/size-column.ts";
import { paddedSize } from "../tar/tar-header.ts";
import type { EntryTable } from "./entry-table.ts";

/** Bytes for each entry in the columns, beside its names. */
export const TABLE_ROW_BYTES = 2 * SIZE_BYTES + 4 * 4 + 2;

/** The table without what few entries have. */
export type EntryColumns = Omit<EntryTable, "sparse">;

/** Writes the columns. Positions are left out: they are sums of the lengths before. */
export function writeColumns(writer: ByteWriter, table: EntryColumns): void {
  writeSizes(writer, gapsOf(table));
  writer.column(table.headerLength);
  writeSizes(writer, table.size);
  writer.column(table.rawLength);
  writer.column(table.nameLength);
  writer.column(table.linkLength);
  writer.column(table.type);
  writer.column(table.flags);
  writer.column(table.names);
}

/** Bytes between the padded data of an entry and the next header: what is no entry, nearly always nothing. */
function gapsOf({ count, headerStart, headerLength, size }: EntryColumns): Float64Array {
  const gaps = new Float64Array(count);
  let end = 0;
  for (let row = 0; row < count; row++) {
    const start = headerStart[row] ?? 0;
    gaps[row] = start - end;
    end = start + (headerLength[row] ?? 0) + paddedSize(size[row] ?? 0);
  }
  return gaps;
}

/**
 * Reads the columns back.
 *
 * @param nameBytes length of all names and link names
 * @throws {ImageError} `damaged`
 */
export function readColumns(reader: ByteReader, count: number, nameBytes: number): EntryColumns {
  const gap = readSizes(reader, count);
  const headerLength = reader.u32s(count);
  const size = readSizes(reader, count);
  const rawLength = reader.u32s(count);
  const nameLength = reader.u32s(count);
  const linkLength = reader.u32s(count);
  const type = reader.u8s(count);
  const flags = reader.u8s(count);
  const names = reader.bytes(nameBytes);
  const headerStart = new Float64Array(count);
  const rawStart = new Float64Array(count);
  const nameStart = new Float64Array(count);
  let end = 0;
  let raw = 0;
  let name = 0;
  for (let row = 0; row < count; row++) {
    const start = end + (gap[row] ?? 0);
    headerStart[row] = start;
    rawStart[row] = raw;
    nameStart[row] = name;
    end = start + (headerLength[row] ?? 0) + paddedSize(size[row] ?? 0);
    raw += rawLength[row] ?? 0;
    name += (nameLength[row] ?? 0) + (linkLength[row] ?? 0);
  }
  return {
    count,
    headerStart,
    headerLength,
    size,
    type,
    flags,
    rawStart,
    rawLength,
    nameStart,
    nameLength,
    linkLength,
    names,
  };
}
