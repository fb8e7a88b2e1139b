import type { ByteSource } from "../byte-source.ts";
import { ImageError, withPlace } from "../image-error.ts";
import type { Limits } from "../limits.ts";
import { TypeFlag } from "../tar/entry-type.ts";
import { parsePaxRecords } from "../tar/pax-records.ts";
import { BLOCK, isZeroBlock, paddedSize, parseTarHeader } from "../tar/tar-header.ts";
import type { TarHeader } from "../tar/tar-header.ts";
import { readBytes } from "./source-part.ts";

/** One file of an archive: where its data lies. */
export interface TarMember {
  /** As in the archive, decoded as UTF-8. */
  readonly name: string;
  readonly type: "file" | "directory" | "symlink" | "hardlink" | "other";
  /** First byte of the data. */
  readonly offset: number;
  readonly size: number;
  readonly linkname: string;
}

/** Bytes read at a time: enough for a small file and the header behind it. */
const WINDOW = 8 * 1024;

/** What the headers before an entry say about it (PAX `x`, GNU `L` and `K`). Names are bytes, held as latin1 strings. */
interface Overrides {
  readonly name?: string;
  readonly linkname?: string;
  readonly size?: number;
  readonly sparse?: boolean;
}

/**
 * The members of a tar archive, in order. Only headers are read, so it takes one small read for each file.
 * PAX global headers are ignored, as container engines do.
 */
export async function* readTarMembers(
  source: ByteSource,
  limits: Limits,
): AsyncGenerator<TarMember> {
  const headers = new HeaderWindow(source);
  let overrides: Overrides = {};
  let position = 0;
  for (;;) {
    const block = await headers.blockAt(position);
    if (block === undefined) break;
    const header = parseAt(block, position);
    const offset = position + BLOCK;
    const size = hasData(header.type) ? (overrides.size ?? header.size) : 0;
    if (offset + size > source.size) {
      const missing = offset + size - source.size;
      throw new ImageError(
        "damaged",
        `the archive is cut off: ${missing} bytes of this file are missing`,
        {
          offset: position,
          path: decode(overrides.name ?? header.name),
        },
      );
    }
    position = offset + paddedSize(size);
    if (isExtension(header.type)) {
      overrides = { ...overrides, ...(await readExtension(source, header, offset, limits)) };
      continue;
    }
    yield {
      name: decode(overrides.name ?? header.name),
      type: overrides.sparse === true ? "other" : memberType(header),
      offset,
      size,
      linkname: decode(overrides.linkname ?? header.linkname),
    };
    overrides = {};
  }
}

/** The block of a header, read together with what lies behind it. */
class HeaderWindow {
  readonly #source: ByteSource;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `undefined` at the end: a block of zeros, or no bytes left. */
  async blockAt(position: number): Promise<Buffer | undefined> {
    if (position >= this.#source.size) return undefined;
    const end = Math.min(this.#source.size, position + BLOCK);
    if (position < this.#start || end > this.#start + this.#bytes.length) {
      this.#start = position;
      this.#bytes = await readBytes(
        this.#source,
        position,
        Math.min(this.#source.size, position + WINDOW),
      );
    }
    const block = this.#bytes.subarray(position - this.#start, end - this.#start);
    if (block.length === BLOCK) return isZeroBlock(block) ? undefined : block;
    if (block.every((byte) => byte === 0)) return undefined;
    throw new ImageError("damaged", "the archive is cut off within a header", { offset: position });
  }
}

function parseAt(block: Buffer, position: number): TarHeader {
  try {
    return parseTarHeader(block);
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    const message = position === 0 ? `this is no tar archive: ${cause.reason}` : cause.reason;
    throw new ImageError(cause.code, message, { offset: position, cause });
  }
}

async function readExtension(
  source: ByteSource,
  header: TarHeader,
  offset: number,
  limits: Limits,
): Promise<Overrides> {
  if (header.type === TypeFlag.paxGlobal) return {};
  if (header.size > limits.extendedHeaderBytes) {
    throw new ImageError(
      "limit",
      `an extended header has ${header.size} bytes, at most ${limits.extendedHeaderBytes} are read`,
      {
        offset: offset - BLOCK,
      },
    );
  }
  const data = await readBytes(source, offset, offset + header.size);
  try {
    return header.type === TypeFlag.paxHeader
      ? paxOverrides(data, limits)
      : gnuOverrides(data, header.type, limits);
  } catch (cause) {
    throw withPlace(cause, { offset: offset - BLOCK });
  }
}

/** An empty value takes the record back (POSIX pax, "pax Extended Header"). */
function paxOverrides(data: Buffer, limits: Limits): Overrides {
  const result: { name?: string; linkname?: string; size?: number; sparse?: boolean } = {};
  for (const { key, value } of parsePaxRecords(data)) {
    if (key.startsWith("GNU.sparse.")) result.sparse = true;
    if (value === "") continue;
    if (key === "path") result.name = boundedPath(value, limits);
    if (key === "linkpath") result.linkname = boundedPath(value, limits);
    if (key === "size") result.size = paxSize(value);
  }
  return result;
}

function paxSize(value: string): number {
  const size = /^[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw new ImageError("damaged", "PAX record size is no number");
  return size;
}

function gnuOverrides(data: Buffer, type: number, limits: Limits): Overrides {
  const end = data.indexOf(0);
  const text = boundedPath(data.toString("latin1", 0, end < 0 ? data.length : end), limits);
  return type === TypeFlag.gnuLongName ? { name: text } : { linkname: text };
}

function boundedPath(path: string, limits: Limits): string {
  if (path.length > limits.pathBytes) {
    throw new ImageError(
      "limit",
      `a name in the archive has ${path.length} bytes, at most ${limits.pathBytes} are read`,
    );
  }
  return path;
}

function isExtension(type: number): boolean {
  return (
    type === TypeFlag.paxHeader ||
    type === TypeFlag.paxGlobal ||
    type === TypeFlag.gnuLongName ||
    type === TypeFlag.gnuLongLink
  );
}

/** Links, devices, directories and FIFOs have no data, whatever their size field says. */
function hasData(type: number): boolean {
  return type < TypeFlag.hardLink || type > TypeFlag.fifo;
}

function memberType({ type, name }: TarHeader): TarMember["type"] {
  if (type === TypeFlag.directory) return "directory";
  if (type === TypeFlag.symlink) return "symlink";
  if (type === TypeFlag.hardLink) return "hardlink";
  if (type !== TypeFlag.file && type !== TypeFlag.oldFile && type !== TypeFlag.contiguous)
    return "other";
  return name.endsWith("/") ? "directory" : "file";
}

function decode(name: string): string {
  return Buffer.from(name, "latin1").toString("utf8");
}
