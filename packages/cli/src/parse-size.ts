import { UsageError } from "./usage-error.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Reads a size such as `20GB`, `1.5 GiB` or `4096`.
 *
 * @param flag the flag it stands behind, for the message
 * @returns bytes, a whole number above 0
 * @throws {UsageError}
 */
export function parseSize(text: string, flag: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (digits !== "" && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(
    `${flag} ${JSON.stringify(text)} is not a size`,
    `write a number and a unit, such as ${flag} 20GB`,
  );
}
