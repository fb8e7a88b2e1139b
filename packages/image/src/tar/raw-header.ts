import { TypeFlag } from "./entry-type.ts";
import { parsePaxRecords } from "./pax-records.ts";
import type { PaxRecord } from "./pax-records.ts";
import { BLOCK, dialectOf, FIELD, isBase256, paddedSize, parseTarHeader } from "./tar-header.ts";
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
  for (let position = 0; ;) {
    const main = raw.subarray(position, position + BLOCK);
    const header = parseTarHeader(main);
    const data = raw.subarray(position + BLOCK, position + BLOCK + header.size);
    if (header.type === TypeFlag.paxHeader)
      records = parsePaxRecords(data).filter(({ value }) => value !== "");
    else if (header.type === TypeFlag.gnuLongName) longName = untilNul(data) || undefined;
    else if (header.type === TypeFlag.gnuLongLink) longLink = untilNul(data) || undefined;
    else {
      const name =
        longName ?? valueOf(records, "GNU.sparse.name") ?? valueOf(records, "path") ?? header.name;
      return {
        main,
        records,
        name,
        linkname: longLink ?? valueOf(records, "linkpath") ?? header.linkname,
      };
    }
    position += BLOCK + paddedSize(header.size);
  }
}

/** A text that is equal for headers with the same mode, owner and time. */
export function inodeMetadata({ main, records }: RawHeader): string {
  const mode = parseTarNumber(main, ...FIELD.mode, "mode") & 0o7777;
  const uid = valueOf(records, "uid") ?? numberText(main, "uid");
  const gid = valueOf(records, "gid") ?? numberText(main, "gid");
  const mtime = valueOf(records, "mtime") ?? numberText(main, "mtime");
  return [mode, uid, gid, mtime].join(" ");
}

/** Base-256 numbers need not be safe integers, so their bytes stand for them. */
function numberText(main: Buffer, name: "uid" | "gid" | "mtime"): string {
  const [start, length] = FIELD[name];
  if (isBase256(main, FIELD[name])) return main.toString("hex", start, start + length);
  return String(parseTarNumber(main, start, length, name));
}

/** Records of extended attributes. */
export function xattrsOf({ records }: RawHeader): PaxRecord[] {
  return records.filter(({ key }) => isXattr(key));
}

/** What a file looks like after a link entry was unpacked on it: mode, owner and times are the link's, xattrs add up. */
export function addInodeMetadata(header: RawHeader, link: RawHeader): RawHeader {
  const added = new Set(xattrsOf(link).map(({ key }) => key));
  const xattrs = [...xattrsOf(header).filter(({ key }) => !added.has(key)), ...xattrsOf(link)];
  return setInodeMetadata(header, { ...link, records: [...timesAndOwner(link), ...xattrs] });
}

/** Puts mode, owner, times and xattrs of one header into another. */
export function setInodeMetadata(header: RawHeader, from: RawHeader): RawHeader {
  const main = Buffer.from(header.main);
  from.main.copy(main, FIELD.mode[0], FIELD.mode[0], FIELD.size[0]); // mode, uid, gid
  from.main.copy(main, FIELD.mtime[0], FIELD.mtime[0], FIELD.checksum[0]);
  const kept = header.records.filter(({ key }) => !INODE_RECORDS.has(key) && !isXattr(key));
  return { ...header, main, records: [...kept, ...timesAndOwner(from), ...xattrsOf(from)] };
}

function timesAndOwner({ records }: RawHeader): PaxRecord[] {
  return records.filter(({ key }) => INODE_RECORDS.has(key));
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

/** The text of a GNU long name: bytes up to the first NUL, as a latin1 string. */
export function untilNul(data: Buffer): string {
  const end = data.indexOf(0);
  return data.toString("latin1", 0, end < 0 ? data.length : end);
}
