/**
 * Writes layer tars for tests, byte by byte, the wrong ones too. All names, links and records are byte strings: one
 * character is one byte (latin1). `utf8("ä")` turns readable text into such a string.
 */

/** One entry. What is not given has the value an ordinary file of root would have. */
export interface EntrySpec {
  readonly name: string;
  /** Type flag; default "0". */
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds; negative ones need `format: "gnu"`. */
  readonly mtime?: number;
  readonly data?: string | Uint8Array;
  /** What the size field says; default the length of `data`. */
  readonly size?: number;
  readonly link?: string;
  readonly uname?: string;
  readonly gname?: string;
  readonly devmajor?: number;
  readonly devminor?: number;
  /** ustar prefix field. */
  readonly prefix?: string;
  /** Records of a PAX header written before the entry, in this order. */
  readonly pax?: Readonly<Record<string, string>>;
  /** Default "ustar". "gnu" writes long names as L and K entries and large numbers in base 256; "v7" has no magic. */
  readonly format?: "ustar" | "gnu" | "v7";
  /** A GNU long name (L) entry before the entry, whatever the length of the name. */
  readonly longName?: string;
  /** Changes the finished header block; the checksum is made afterwards. */
  readonly patch?: (header: Buffer) => void;
  /** Added to the right checksum, so any number but 0 makes it wrong. */
  readonly checksumError?: number;
}

/** An entry, or bytes that are put into the tar as they are. */
export type LayerPart = EntrySpec | Uint8Array;

/** As a list, keys can repeat. */
export type PaxRecords =
  | Readonly<Record<string, string>>
  | readonly (readonly [key: string, value: string])[];

/** What default entries are dated. */
export const DEFAULT_MTIME = 1_600_000_000;

/** A whole layer: the parts and two zero blocks. */
export function layerTar(parts: readonly LayerPart[]): Buffer {
  return Buffer.concat([tarParts(parts), Buffer.alloc(1024)]);
}

/** The parts without an end. */
export function tarParts(parts: readonly LayerPart[]): Buffer {
  return Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : entryBytes(part))));
}

/** Header (with what must precede it) and data, padded. */
export function entryBytes(spec: EntrySpec): Buffer {
  const data = bytesOf(spec.data ?? "");
  const before: Buffer[] = [];
  let { name, link = "" } = spec;
  if (spec.format === "gnu") {
    if (name.length > 100) before.push(gnuLong("L", name));
    if (link.length > 100) before.push(gnuLong("K", link));
    name = name.slice(0, 100);
    link = link.slice(0, 100);
  }
  if (spec.longName !== undefined) before.push(gnuLong("L", spec.longName));
  if (spec.pax !== undefined) before.push(paxHeader("x", spec.pax));
  return Buffer.concat([...before, header({ ...spec, name, link }, data.length), padded(data)]);
}

/** A PAX header: "x" for the next entry, "g" for all that follow (POSIX pax, "pax Header Block"). */
export function paxHeader(type: "x" | "g", records: PaxRecords): Buffer {
  const list = isList(records) ? records : Object.entries(records);
  const body = Buffer.concat(list.map(([key, value]) => paxRecord(key, value)));
  return Buffer.concat([header({ name: "PaxHeaders/entry", type }, body.length), padded(body)]);
}

/** `length key=value\n`, where the length counts its own digits. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`, "latin1");
  let length = rest.length + 1;
  while (length !== rest.length + String(length).length)
    length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** A GNU long name (L) or long link (K) entry, its text ended by NUL as GNU tar does. */
export function gnuLong(type: "L" | "K", text: string): Buffer {
  const body = Buffer.from(`${text}\0`, "latin1");
  return Buffer.concat([
    header({ name: "././@LongLink", type, format: "gnu", mtime: 0 }, body.length),
    padded(body),
  ]);
}

/** An old GNU sparse file (type S): `[offset, data]` pieces, four in the header, more in extension headers of 21. */
export function oldSparse(
  spec: EntrySpec,
  pieces: readonly (readonly [offset: number, data: string])[],
  realSize: number,
): Buffer {
  const map = pieces.map(
    ([offset, data]) =>
      octal(offset, 12).toString("latin1") + octal(data.length, 12).toString("latin1"),
  );
  const body = Buffer.from(pieces.map(([, data]) => data).join(""), "latin1");
  const extensions: Buffer[] = [];
  for (let at = 4; at < map.length; at += 21) {
    const block = Buffer.alloc(512);
    block.write(map.slice(at, at + 21).join(""), 0, "latin1");
    block[504] = at + 21 < map.length ? 1 : 0;
    extensions.push(block);
  }
  const main = header({ ...spec, type: "S", format: "gnu" }, body.length, (block) => {
    block.write(map.slice(0, 4).join(""), 386, "latin1");
    block[482] = map.length > 4 ? 1 : 0;
    octal(realSize, 12).copy(block, 483);
  });
  return Buffer.concat([main, ...extensions, padded(body)]);
}

function isList(
  records: PaxRecords,
): records is readonly (readonly [key: string, value: string])[] {
  return Array.isArray(records);
}

/** Fills up to a whole block. */
export function padded(data: Uint8Array): Buffer {
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** UTF-8 bytes as a byte string. */
export function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function header(spec: EntrySpec, dataLength: number, more?: (block: Buffer) => void): Buffer {
  const { format = "ustar" } = spec;
  const block = Buffer.alloc(512);
  if (spec.name.length > 100) throw new Error(`the name field takes 100 bytes: ${spec.name}`);
  if ((spec.link ?? "").length > 100)
    throw new Error(`the link field takes 100 bytes: ${spec.link}`);
  block.write(spec.name, 0, "latin1");
  number(block, 100, 8, spec.mode ?? defaultMode(spec), format);
  number(block, 108, 8, spec.uid ?? 0, format);
  number(block, 116, 8, spec.gid ?? 0, format);
  number(block, 124, 12, spec.size ?? dataLength, format);
  number(block, 136, 12, spec.mtime ?? DEFAULT_MTIME, format);
  block.write(spec.type ?? "0", 156, "latin1");
  block.write(spec.link ?? "", 157, "latin1");
  if (format !== "v7") {
    block.write(format === "gnu" ? "ustar  \0" : "ustar\x0000", 257, "latin1");
    block.write(spec.uname ?? "", 265, "latin1");
    block.write(spec.gname ?? "", 297, "latin1");
    number(block, 329, 8, spec.devmajor ?? 0, format);
    number(block, 337, 8, spec.devminor ?? 0, format);
    block.write(spec.prefix ?? "", 345, "latin1");
  }
  more?.(block);
  spec.patch?.(block);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0) + (spec.checksumError ?? 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function defaultMode(spec: EntrySpec): number {
  if (spec.type === "5") return 0o755;
  return spec.type === "2" ? 0o777 : 0o644;
}

function number(block: Buffer, at: number, width: number, value: number, format: string): void {
  if (value >= 0 && value < 8 ** (width - 1)) octal(value, width).copy(block, at);
  else if (format === "gnu") base256(value, width).copy(block, at);
  else throw new Error(`${value} does not fit ${width} octal bytes`);
}

function octal(value: number, width: number): Buffer {
  return Buffer.from(`${value.toString(8).padStart(width - 1, "0")}\0`, "latin1");
}

/** GNU: two's complement, big endian, the first byte 0x80 or, for negative numbers, 0xff. */
export function base256(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  let rest = BigInt.asUintN(8 * width, BigInt(value));
  for (let at = width - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  bytes[0] = value < 0 ? 0xff : (bytes[0] ?? 0) | 0x80;
  return bytes;
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? Buffer.from(data, "latin1") : data;
}
