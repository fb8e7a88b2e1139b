import { type Inode, canonicalTime } from "./tree.ts";

/** An entry as the tar says, PAX and GNU records applied; names are byte strings and not cleaned. */
export interface TarEntry {
  readonly name: string;
  /** Type flag; NUL is read as "0" or, with a trailing slash, "5". */
  readonly type: string;
  readonly link: string;
  readonly inode: Inode;
  /** Where the entry begins, the records before it included, and where the header block itself lies. */
  readonly start: number;
  readonly header: number;
  /** What the size field (or PAX size) says. */
  readonly size: number;
  /** All PAX records of the entry. */
  readonly pax: ReadonlyMap<string, string>;
}

export interface ReadTar {
  readonly entries: readonly TarEntry[];
  /** Records of the global headers, which apply to nothing (rule 40). */
  readonly globals: readonly ReadonlyMap<string, string>[];
  /** Offset of the end: of the first zero block, or of the end of the bytes. */
  readonly end: number;
}

const HEADER_ONLY = new Set(["1", "2", "3", "4", "5", "6"]);
const TYPE_NAMES: Readonly<Record<string, Inode["type"]>> = {
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "dir",
  "6": "fifo",
};

/** Reads a tar that is whole in memory. Plain and slow on purpose: the judge of a faster reader. */
export function readTar(bytes: Buffer): ReadTar {
  const entries: TarEntry[] = [];
  const globals: Map<string, string>[] = [];
  let pax = new Map<string, string>();
  let longName: string | undefined;
  let longLink: string | undefined;
  let start = 0;
  let at = 0;
  for (;;) {
    if (at === bytes.length) break;
    const block = bytes.subarray(at, at + 512);
    if (block.length < 512) throw new Error(`cut short at ${at}`);
    if (block.every((byte) => byte === 0)) break;
    checkSum(block, at);
    const type = block.toString("latin1", 156, 157);
    const size =
      pax.has("size") && !"xgLK".includes(type) ? Number(pax.get("size")) : number(block, 124, 12);
    const stored = HEADER_ONLY.has(type) ? 0 : size;
    const header = at;
    at += 512;
    const sparseMap: [number, number][] = [];
    if (type === "S") at = readOldSparse(bytes, header, sparseMap);
    if (at + stored > bytes.length) throw new Error(`data cut short at ${at}`);
    const data = bytes.subarray(at, at + stored);
    at = Math.min(bytes.length, at + Math.ceil(stored / 512) * 512);
    if (type === "x") for (const [key, value] of paxRecords(data)) pax.set(key, value);
    else if (type === "g") globals.push(paxRecords(data));
    else if (type === "L") longName = text(data, 0, data.length);
    else if (type === "K") longLink = text(data, 0, data.length);
    else {
      const content =
        type === "S" ? expand(data, sparseMap, number(block, 483, 12)) : paxSparse(data, pax);
      entries.push(
        makeEntry({ block, type, pax, longName, longLink, content, start, header, size }),
      );
      pax = new Map();
      longName = undefined;
      longLink = undefined;
    }
    if (!"xLK".includes(type)) start = at;
  }
  return { entries, globals, end: at };
}

interface Raw {
  readonly block: Buffer;
  readonly type: string;
  readonly pax: ReadonlyMap<string, string>;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
  readonly content: Buffer;
  readonly start: number;
  readonly header: number;
  readonly size: number;
}

function makeEntry({
  block,
  type,
  pax,
  longName,
  longLink,
  content,
  start,
  header,
  size,
}: Raw): TarEntry {
  const posix = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = posix ? text(block, 345, 155) : "";
  const field = text(block, 0, 100);
  const name =
    pax.get("GNU.sparse.name") ??
    pax.get("path") ??
    longName ??
    (prefix === "" ? field : `${prefix}/${field}`);
  const link = pax.get("linkpath") ?? longLink ?? text(block, 157, 100);
  const real = type === "\0" ? (name.endsWith("/") ? "5" : "0") : type;
  const magic = block.toString("latin1", 257, 262) === "ustar";
  const device = magic && (type === "3" || type === "4");
  const xattrs = new Map<string, string>();
  for (const [key, value] of pax)
    if (key.startsWith("SCHILY.xattr.")) xattrs.set(key.slice(13), value);
  const inode: Inode = {
    type: TYPE_NAMES[real] ?? "file",
    mode: number(block, 100, 8) & 0o7777,
    uid: pax.has("uid") ? Number(pax.get("uid")) : number(block, 108, 8),
    gid: pax.has("gid") ? Number(pax.get("gid")) : number(block, 116, 8),
    mtime: canonicalTime(pax.get("mtime") ?? String(number(block, 136, 12))),
    content: HEADER_ONLY.has(real) ? Buffer.alloc(0) : content,
    target: real === "2" ? link : "",
    devmajor: device ? number(block, 329, 8) : 0,
    devminor: device ? number(block, 337, 8) : 0,
    xattrs,
  };
  return { name, type: real, link, inode, start, header, size, pax };
}

function text(block: Buffer, at: number, width: number): string {
  const whole = block.toString("latin1", at, at + width);
  const nul = whole.indexOf("\0");
  return nul < 0 ? whole : whole.slice(0, nul);
}

function number(block: Buffer, at: number, width: number): number {
  const first = block[at] ?? 0;
  if (first >= 0x80) {
    let value = 0n;
    for (const byte of block.subarray(at, at + width)) value = (value << 8n) | BigInt(byte);
    const bits = 8 * width - 1; // the top bit only says "base 256", the one below it is the sign
    return Number(BigInt.asIntN(bits, BigInt.asUintN(bits, value)));
  }
  const digits = text(block, at, width).trim();
  if (!/^[0-7]*$/.test(digits)) throw new Error(`not octal: ${JSON.stringify(digits)}`);
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function checkSum(block: Buffer, at: number): void {
  const copy = Buffer.from(block);
  copy.fill(" ", 148, 156);
  const sum = copy.reduce((total, byte) => total + byte, 0);
  if (sum !== number(block, 148, 8)) throw new Error(`wrong checksum at ${at}`);
}

function paxRecords(data: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let rest = data.toString("latin1");
  while (rest !== "") {
    const length = Number.parseInt(rest, 10);
    const record = rest.slice(rest.indexOf(" ") + 1, length - 1);
    if (!(length > 0) || rest[length - 1] !== "\n" || !record.includes("="))
      throw new Error("not a PAX record");
    const equals = record.indexOf("=");
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    // Sparse 0.0 repeats two keys for each piece; together they are the map of 0.1.
    if (/^GNU\.sparse\.(offset|numbytes)$/.test(key)) {
      const before = records.get("GNU.sparse.map");
      records.set("GNU.sparse.map", before === undefined ? value : `${before},${value}`);
    } else records.set(key, value);
    rest = rest.slice(length);
  }
  return records;
}

/** Reads the map of a type S entry, returns where its data begins. */
function readOldSparse(bytes: Buffer, header: number, map: [number, number][]): number {
  let at = header;
  let [first, count, more] = [386, 4, 482];
  for (;;) {
    for (let index = 0; index < count; index += 1) {
      const field = at + first + 24 * index;
      if (bytes[field] !== 0) map.push([number(bytes, field, 12), number(bytes, field + 12, 12)]);
    }
    const extended = bytes[at + more] !== 0;
    at += 512;
    if (!extended) return at;
    [first, count, more] = [0, 21, 504];
  }
}

/** GNU.sparse 0.0 and 0.1 keep the map in records, 1.0 in front of the data. */
function paxSparse(data: Buffer, pax: ReadonlyMap<string, string>): Buffer {
  const size = Number(pax.get("GNU.sparse.realsize") ?? pax.get("GNU.sparse.size"));
  if (pax.get("GNU.sparse.major") === "1") {
    const lines = data.toString("latin1").split("\n");
    const count = Number(lines[0]);
    const numbers = lines.slice(1, 1 + 2 * count).map(Number);
    const used = lines.slice(0, 1 + 2 * count).join("\n").length + 1;
    return expand(data.subarray(Math.ceil(used / 512) * 512), pairs(numbers), size);
  }
  const map = pax.get("GNU.sparse.map");
  return map === undefined ? data : expand(data, pairs(map.split(",").map(Number)), size);
}

function pairs(numbers: readonly number[]): [number, number][] {
  const result: [number, number][] = [];
  for (let at = 0; at + 1 < numbers.length; at += 2)
    result.push([numbers[at] ?? 0, numbers[at + 1] ?? 0]);
  return result;
}

function expand(data: Buffer, map: readonly [number, number][], size: number): Buffer {
  const whole = Buffer.alloc(size);
  let at = 0;
  for (const [offset, length] of map) {
    data.copy(whole, offset, at, at + length);
    at += length;
  }
  return whole;
}
