import { TypeFlag } from "./entry-type.ts";
import type { PaxRecord } from "./pax-records.ts";
import { hasPrefix, valueOf } from "./raw-header.ts";
import type { RawHeader } from "./raw-header.ts";
import { BLOCK, FIELD } from "./tar-header.ts";
import { writeTarNumber } from "./tar-number.ts";
import { paxHeader, writeChecksum } from "./write-tar-header.ts";

/** What is to be different. Names are bytes, held as latin1 strings. */
export interface HeaderChanges {
  readonly name: string;
  readonly linkname: string;
  /** New type flag; the old one when absent. */
  readonly type?: number;
  /** New size in bytes; what the header said when absent. */
  readonly size?: number;
  /** Drops the extended attributes for which this is true. */
  readonly dropRecord?: (key: string) => boolean;
}

/** Records that say what a header block or a change says better. */
const REPLACED_RECORDS = new Set(["path", "linkpath"]);

/**
 * Writes a header anew with other names, type or size; everything else stays as it is, byte for byte.
 * Long names become PAX records, whatever form they had before.
 */
export function rewriteHeader(header: RawHeader, changes: HeaderChanges): Buffer {
  const main = Buffer.from(header.main);
  const records = header.records.filter(
    ({ key }) => !REPLACED_RECORDS.has(key) && changes.dropRecord?.(key) !== true,
  );
  if (valueOf(records, "GNU.sparse.name") === undefined) {
    if (hasPrefix(main)) main.fill(0, FIELD.prefix[0], FIELD.prefix[0] + FIELD.prefix[1]);
    setName(main, FIELD.name, "path", changes.name, records);
  } else setRecord(records, "GNU.sparse.name", changes.name);
  setName(main, FIELD.linkname, "linkpath", changes.linkname, records);
  if (changes.type !== undefined) setType(main, changes.type);
  if (changes.size !== undefined) {
    writeTarNumber(main, ...FIELD.size, changes.size);
    removeRecord(records, "size");
  }
  writeChecksum(main);
  return records.length === 0 ? main : Buffer.concat([paxHeader(records), main]);
}

function setName(
  main: Buffer,
  field: readonly [number, number],
  key: string,
  name: string,
  records: PaxRecord[],
): void {
  main.fill(0, field[0], field[0] + field[1]);
  main.write(name.slice(0, field[1]), field[0], "latin1");
  if (name.length > field[1]) records.push({ key, value: name });
}

/** Old GNU sparse files keep their map where other headers have a prefix or nothing. */
function setType(main: Buffer, type: number): void {
  if (main[FIELD.type[0]] === TypeFlag.gnuSparse) main.fill(0, FIELD.prefix[0], BLOCK);
  main[FIELD.type[0]] = type;
}

function setRecord(records: PaxRecord[], key: string, value: string): void {
  removeRecord(records, key);
  records.push({ key, value });
}

function removeRecord(records: PaxRecord[], key: string): void {
  for (let index = records.length - 1; index >= 0; index--)
    if (records[index]?.key === key) records.splice(index, 1);
}
