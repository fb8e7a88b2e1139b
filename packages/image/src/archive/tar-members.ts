import type { ByteSource } from "../source/byte-source.ts";
import { ImageError } from "../image-error.ts";
import type { Limits } from "../limits.ts";
import { TypeFlag } from "../tar/entry-type.ts";
import { BLOCK, isZeroBlock, paddedSize, parseTarHeader } from "../tar/tar-header.ts";
import type { TarHeader } from "../tar/tar-header.ts";
import { readBytes } from "./source-part.ts";
import { isTarExtension, readTarExtension } from "./tar-extension.ts";
import type { TarOverrides } from "./tar-extension.ts";

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

/**
 * The members of a tar archive, in order. Only headers are read, so it takes one small read for each file.
 * PAX global headers are ignored, as container engines do.
 */
export async function* readTarMembers(
  source: ByteSource,
  limits: Limits,
): AsyncGenerator<TarMember> {
  const headers = new HeaderWindow(source);
  let overrides: TarOverrides = {};
  let position = 0;
  for (;;) {
    const block = await headers.blockAt(position);
    if (block === undefined) break;
    const header = parseAt(block, position);
    const offset = position + BLOCK;
    const size = dataSize(header, overrides);
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
    if (isTarExtension(header.type)) {
      overrides = { ...overrides, ...(await readTarExtension(source, header, offset, limits)) };
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

/** A size record speaks of the entry, not of further headers before it. Links, devices, directories and FIFOs have no data. */
function dataSize({ type, size }: TarHeader, overrides: TarOverrides): number {
  if (type >= TypeFlag.hardLink && type <= TypeFlag.fifo) return 0;
  return isTarExtension(type) ? size : (overrides.size ?? size);
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
