import { ImageError } from "../image-error.ts";

/** One record of an extended header (POSIX pax, "pax Extended Header"). Keys and values are bytes, held as latin1 strings. */
export interface PaxRecord {
  readonly key: string;
  readonly value: string;
}

/**
 * Splits the data of a PAX header into its records, in order.
 *
 * @param data `length key=value\n` records; trailing NULs are ignored as Go's archive/tar does
 * @throws {ImageError} `damaged` where a record is malformed
 */
export function parsePaxRecords(data: Buffer): PaxRecord[] {
  const records: PaxRecord[] = [];
  let position = 0;
  while (position < data.length) {
    if (data[position] === 0) break;
    const space = data.indexOf(0x20, position);
    const digits =
      space < 0 || space - position > 10 ? "" : data.toString("latin1", position, space);
    const end = position + Number(digits);
    if (
      !/^[0-9]+$/.test(digits) ||
      end > data.length ||
      end < space + 3 ||
      data[end - 1] !== 0x0a
    ) {
      throw new ImageError("damaged", "malformed PAX record length");
    }
    const equals = data.indexOf(0x3d, space);
    if (equals < 0 || equals >= end - 1 || equals === space + 1) {
      throw new ImageError("damaged", "malformed PAX record: no key");
    }
    records.push({
      key: data.toString("latin1", space + 1, equals),
      value: data.toString("latin1", equals + 1, end - 1),
    });
    position = end;
  }
  return records;
}

/** The inverse of {@link parsePaxRecords}. */
export function formatPaxRecords(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(records.map(formatRecord));
}

/** The length counts its own digits, so it is found by trying. */
function formatRecord({ key, value }: PaxRecord): Buffer {
  const body = key.length + value.length + 3; // space, equals sign, newline
  let length = body + 1;
  while (body + String(length).length !== length) length = body + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`, "latin1");
}
