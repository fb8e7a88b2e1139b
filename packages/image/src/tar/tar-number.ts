import { ImageError } from "../image-error.ts";

/**
 * Reads a numeric header field: octal digits padded with spaces and NULs (POSIX ustar), or, when the first bit is set,
 * a big-endian two's complement number in the remaining bits (GNU base-256).
 *
 * @param field name of the field, for the error
 * @returns a safe integer, negative only in base-256
 * @throws {ImageError} `damaged`
 */
export function parseTarNumber(
  block: Uint8Array,
  start: number,
  length: number,
  field: string,
): number {
  const first = block[start] ?? 0;
  return (first & 0x80) === 0
    ? parseOctal(block, start, start + length, field)
    : parseBase256(block, start, length, field);
}

function parseOctal(block: Uint8Array, start: number, end: number, field: string): number {
  let position = start;
  while (position < end && isPadding(block[position])) position++;
  let value = 0;
  for (; position < end; position++) {
    const digit = (block[position] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (let rest = position; rest < end && block[rest] !== 0; rest++) {
    if (block[rest] !== 0x20)
      throw new ImageError("damaged", `tar header: ${field} is no octal number`);
  }
  return value;
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}

function parseBase256(block: Uint8Array, start: number, length: number, field: string): number {
  const negative = ((block[start] ?? 0) & 0x40) !== 0;
  let value = negative ? -1n : 0n;
  for (let index = 0; index < length; index++) {
    const byte = block[start + index] ?? 0;
    value = (value << 8n) | BigInt(index === 0 ? (negative ? byte | 0x80 : byte & 0x7f) : byte);
  }
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new ImageError("damaged", `tar header: ${field} ${value} is out of range`);
  return number;
}

/** Writes a number as octal digits and a NUL, or in base-256 where it is negative or has too many digits. */
export function writeTarNumber(
  block: Uint8Array,
  start: number,
  length: number,
  value: number,
): void {
  const digits = value < 0 ? "" : value.toString(8);
  if (value >= 0 && digits.length < length) {
    const text = digits.padStart(length - 1, "0");
    for (let index = 0; index < text.length; index++) block[start + index] = text.charCodeAt(index);
    block[start + length - 1] = 0;
    return;
  }
  let rest = BigInt(value);
  for (let index = length - 1; index >= 0; index--) {
    block[start + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[start] = (block[start] ?? 0) | 0x80;
}
