import type { ByteSource } from "../source/byte-source.ts";
import { ImageError, withPlace } from "../image-error.ts";
import type { Limits } from "../limits.ts";
import { TypeFlag } from "../tar/entry-type.ts";
import { parsePaxRecords } from "../tar/pax-records.ts";
import { BLOCK } from "../tar/tar-header.ts";
import type { TarHeader } from "../tar/tar-header.ts";
import { readBytes } from "./source-part.ts";

/** What the headers before an entry say about it (PAX `x`, GNU `L` and `K`). Names are bytes, held as latin1 strings. */
export interface TarOverrides {
  readonly name?: string;
  readonly linkname?: string;
  readonly size?: number;
  readonly sparse?: boolean;
}

/** Whether a header tells about the next entry and is none itself. */
export function isTarExtension(type: number): boolean {
  return (
    type === TypeFlag.paxHeader ||
    type === TypeFlag.paxGlobal ||
    type === TypeFlag.gnuLongName ||
    type === TypeFlag.gnuLongLink
  );
}

/**
 * Reads the data of such a header.
 *
 * @param offset where the data starts
 * @throws {ImageError} `damaged` or `limit`
 */
export async function readTarExtension(
  source: ByteSource,
  header: TarHeader,
  offset: number,
  limits: Limits,
): Promise<TarOverrides> {
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
function paxOverrides(data: Buffer, limits: Limits): TarOverrides {
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

function gnuOverrides(data: Buffer, type: number, limits: Limits): TarOverrides {
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
