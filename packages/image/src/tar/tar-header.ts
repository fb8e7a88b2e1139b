import { ImageError } from "../image-error.ts";
import { parseTarNumber } from "./tar-number.ts";

/** Size of a tar block in bytes; headers are one block, data is padded to whole blocks. */
export const BLOCK = 512;

/** Offset and length of the fields of a header block (POSIX ustar, "ustar Interchange Format"). */
export const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  devmajor: [329, 8],
  devminor: [337, 8],
  prefix: [345, 155],
  /** Old GNU sparse: four entries of 24 bytes, a flag and the real size. */
  sparse: [386, 96],
  isExtended: [482, 1],
  realSize: [483, 12],
} as const;

/** `posix`: magic `ustar\0`; `gnu`: magic `ustar  \0`, where the prefix field means something else; `v7`: no magic. */
export type TarDialect = "posix" | "gnu" | "v7";

/** The fields of one header block that say what the entry is. Names are bytes, held as latin1 strings. */
export interface TarHeader {
  /** Name with the ustar prefix put before it. */
  readonly name: string;
  readonly linkname: string;
  /** Type flag, see `TypeFlag`. */
  readonly type: number;
  /** Value of the size field in bytes, never negative. */
  readonly size: number;
  readonly dialect: TarDialect;
}

/** Rounds a length up to whole blocks. */
export function paddedSize(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** Whether a block holds nothing but zeros. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (let index = 0; index < BLOCK; index++) if (block[index] !== 0) return false;
  return true;
}

/**
 * Reads one header block.
 *
 * @param block 512 bytes
 * @throws {ImageError} `damaged` when the checksum or a number is wrong
 */
export function parseTarHeader(block: Buffer): TarHeader {
  verifyChecksum(block);
  const dialect = dialectOf(block);
  const size = parseTarNumber(block, FIELD.size[0], FIELD.size[1], "size");
  if (size < 0) throw new ImageError("damaged", `tar header: size is negative (${size})`);
  const name = text(block, FIELD.name);
  const prefix = dialect === "posix" ? text(block, FIELD.prefix) : "";
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkname: text(block, FIELD.linkname),
    type: block[FIELD.type[0]] ?? 0,
    size,
    dialect,
  };
}

/**
 * Checks the numbers that are copied and not read. Go's archive/tar, and so every engine, refuses a header with a wrong
 * one. Base-256 holds any time and owner, however far off.
 *
 * @throws {ImageError} `damaged`
 */
export function checkMetadataNumbers(block: Buffer): void {
  parseTarNumber(block, FIELD.mode[0], FIELD.mode[1], "mode");
  if (!isBase256(block, FIELD.uid)) parseTarNumber(block, FIELD.uid[0], FIELD.uid[1], "uid");
  if (!isBase256(block, FIELD.gid)) parseTarNumber(block, FIELD.gid[0], FIELD.gid[1], "gid");
  if (!isBase256(block, FIELD.mtime))
    parseTarNumber(block, FIELD.mtime[0], FIELD.mtime[1], "mtime");
}

/** Whether a number is not written in octal (GNU base-256). */
export function isBase256(block: Buffer, field: readonly [number, number]): boolean {
  return ((block[field[0]] ?? 0) & 0x80) !== 0;
}

/** The bytes of a text field up to the first NUL. */
export function text(block: Buffer, field: readonly [number, number]): string {
  const start = field[0];
  const limit = start + field[1];
  let end = start;
  while (end < limit && block[end] !== 0) end++;
  return end === start ? "" : block.toString("latin1", start, end);
}

export function dialectOf(block: Buffer): TarDialect {
  const end = FIELD.magic[0] + 5;
  if (block[FIELD.magic[0]] !== 0x75 || block.toString("latin1", FIELD.magic[0], end) !== "ustar")
    return "v7";
  if (block[end] === 0) return "posix";
  return block[end] === 0x20 && block[end + 1] === 0x20 && block[end + 2] === 0 ? "gnu" : "v7";
}

/** Old tars summed signed bytes, so both sums are right (as in GNU tar and Go). */
function verifyChecksum(block: Buffer): void {
  const stored = parseTarNumber(block, FIELD.checksum[0], FIELD.checksum[1], "checksum");
  let sum = 0;
  for (let index = 0; index < BLOCK; index++) sum += block[index] ?? 0;
  for (let index = 148; index < 156; index++) sum += 32 - (block[index] ?? 0);
  if (sum === stored) return;
  let high = 0;
  for (let index = 0; index < BLOCK; index++) {
    if ((index < 148 || index >= 156) && (block[index] ?? 0) > 127) high++;
  }
  if (sum - high * 256 !== stored) {
    throw new ImageError("damaged", `tar header checksum is ${stored}, the bytes sum up to ${sum}`);
  }
}
