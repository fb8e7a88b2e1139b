import { TypeFlag } from "./entry-type.ts";
import { parsePaxRecords } from "./pax-records.ts";
import type { PaxRecord } from "./pax-records.ts";
import { BLOCK, dialectOf, FIELD, paddedSize, parseTarHeader } from "./tar-header.ts";
import { parseTarNumber } from "./tar-number.ts";

/** The header blocks of one entry taken apart: what the layer index keeps raw. */
export interface RawHeader {
  /** The main header block, a view. */
  readonly main: Buffer;
  readonly records: readonly PaxRecord[];
  /** Name and link name after GNU long names, PAX records and the ustar prefix; bytes as latin1 strings. */
  readonly name: string;
  readonly linkname: string;
}

/** Metadata that belongs to the inode, so that it is the same for all of its names. */
const INODE_RECORDS = new Set(["mtime", "atime", "ctime", "uid", "gid", "uname", "gname"]);

/** Takes header blocks apart that a layer index has accepted before. */
export function parseRawHeader(raw: Buffer): RawHeader {
  let records: PaxRecord[] = [];
  let longName: string | undefined;
  let longLink: string | undefined;
  for (let position = 0; ; ) {
    const main = raw.subarray(position, position + BLOCK);
    const header = parseTarHeader(main);
    const data = raw.subarray(position + BLOCK, position + BLOCK + header.size);
    if (header.type === TypeFlag.paxHeader) records = parsePaxRecords(data).filter(({ value }) => value !== "");
    else if (header.type === TypeFlag.gnuLongName) longName = untilNul(data);
    else if (header.type === TypeFlag.gnuLongLink) longLink = untilNul(data);
    else {
      const name = longName ?? valueOf(records, "GNU.sparse.name") ?? valueOf(records, "path") ?? header.name;
      return { main, records, name, linkname: longLink ?? valueOf(records, "linkpath") ?? header.linkname };
    }
    position += BLOCK + paddedSize(header.size);
  }
}

/** A text that is equal for headers with the same mode, owner, time and xattrs. */
export function inodeMetadata({ main, records }: RawHeader): string {
  const mode = parseTarNumber(main, ...FIELD.mode, "mode") & 0o7777;
  const uid = valueOf(records, "uid") ?? String(parseTarNumber(main, ...FIELD.uid, "uid"));
  const gid = valueOf(records, "gid") ?? String(parseTarNumber(main, ...FIELD.gid, "gid"));
  const mtime = valueOf(records, "mtime") ?? String(parseTarNumber(main, ...FIELD.mtime, "mtime"));
  return [mode, uid, gid, mtime].join(" ");
}

/** Puts mode, owner and times of one header into another; xattrs of `from` come on top of those that are there. */
export function withInodeMetadata(header: RawHeader, from: RawHeader): RawHeader {
  const main = Buffer.from(header.main);
  from.main.copy(main, FIELD.mode[0], FIELD.mode[0], FIELD.size[0]); // mode, uid, gid
  from.main.copy(main, FIELD.mtime[0], FIELD.mtime[0], FIELD.checksum[0]);
  const taken = from.records.filter(({ key }) => INODE_RECORDS.has(key) || isXattr(key));
  const replaced = new Set(taken.map(({ key }) => key));
  const kept = header.records.filter(({ key }) => !INODE_RECORDS.has(key) && !replaced.has(key));
  return { ...header, main, records: [...kept, ...taken] };
}

/** PAX records that hold an extended attribute; what follows the prefix is its name. */
export const XATTR_PREFIX = "SCHILY.xattr.";

export function isXattr(key: string): boolean {
  return key.startsWith(XATTR_PREFIX);
}

export function valueOf(records: readonly PaxRecord[], key: string): string | undefined {
  return records.findLast((record) => record.key === key)?.value;
}

/** Whether the prefix field of the main block is part of the name. */
export function hasPrefix(main: Buffer): boolean {
  return dialectOf(main) === "posix";
}

function untilNul(data: Buffer): string {
  const end = data.indexOf(0);
  return data.toString("latin1", 0, end < 0 ? data.length : end);
}
