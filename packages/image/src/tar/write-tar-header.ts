import { formatPaxRecords } from "./pax-records.ts";
import type { PaxRecord } from "./pax-records.ts";
import { BLOCK, FIELD, paddedSize } from "./tar-header.ts";
import { writeTarNumber } from "./tar-number.ts";
import { TypeFlag } from "./entry-type.ts";

/** What a new header says. Names are bytes, held as latin1 strings. */
export interface TarHeaderFields {
  readonly name: string;
  /** Type flag, see `TypeFlag`; default a regular file. */
  readonly type?: number;
  /** Bytes of data; default 0. */
  readonly size?: number;
  /** Permission bits; default 0644, for directories 0755. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970; default 0. */
  readonly mtime?: number;
  readonly linkname?: string;
  /** Further PAX records, written before the header block. */
  readonly pax?: readonly PaxRecord[];
}

/**
 * Makes the header blocks of an entry: one ustar block, before it a PAX header where a name is longer than
 * 100 bytes or records are given. Numbers too large for octal are written in base-256.
 * The same fields give the same bytes. Data and padding follow it.
 */
export function writeTarHeader(fields: TarHeaderFields): Buffer {
  const records: PaxRecord[] = [...(fields.pax ?? [])];
  const type = fields.type ?? TypeFlag.file;
  const block = Buffer.alloc(BLOCK);
  writeName(block, FIELD.name, "path", fields.name, records);
  writeName(block, FIELD.linkname, "linkpath", fields.linkname ?? "", records);
  writeTarNumber(
    block,
    ...FIELD.mode,
    fields.mode ?? (type === TypeFlag.directory ? 0o755 : 0o644),
  );
  writeTarNumber(block, ...FIELD.uid, fields.uid ?? 0);
  writeTarNumber(block, ...FIELD.gid, fields.gid ?? 0);
  writeTarNumber(block, ...FIELD.size, fields.size ?? 0);
  writeTarNumber(block, ...FIELD.mtime, fields.mtime ?? 0);
  block[FIELD.type[0]] = type;
  block.write("ustar\x0000", FIELD.magic[0], "latin1");
  writeTarNumber(block, ...FIELD.devmajor, 0);
  writeTarNumber(block, ...FIELD.devminor, 0);
  writeChecksum(block);
  return records.length === 0 ? block : Buffer.concat([paxHeader(records), block]);
}

/** Puts a name into its field, or into a PAX record when it is too long for it. */
function writeName(
  block: Buffer,
  field: readonly [number, number],
  key: string,
  name: string,
  records: PaxRecord[],
): void {
  block.write(name.slice(0, field[1]), field[0], "latin1");
  if (name.length > field[1]) records.push({ key, value: name });
}

/** A PAX extended header (`x`) with its data and padding. */
export function paxHeader(records: readonly PaxRecord[]): Buffer {
  const data = formatPaxRecords(records);
  const result = Buffer.alloc(BLOCK + paddedSize(data.length));
  result.write("PaxHeaders/entry", 0, "latin1");
  writeTarNumber(result, ...FIELD.mode, 0o644);
  writeTarNumber(result, ...FIELD.uid, 0);
  writeTarNumber(result, ...FIELD.gid, 0);
  writeTarNumber(result, ...FIELD.size, data.length);
  writeTarNumber(result, ...FIELD.mtime, 0);
  result[FIELD.type[0]] = TypeFlag.paxHeader;
  result.write("ustar\x0000", FIELD.magic[0], "latin1");
  writeChecksum(result);
  data.copy(result, BLOCK);
  return result;
}

/** Computes the checksum of a header block and stores it: six digits, NUL, space. */
export function writeChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (let index = 0; index < BLOCK; index++) sum += block[index] ?? 0;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}
