const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Bytes of a size such as `20GiB`, `1.5MB` or `4096`; `KiB` counts 1024, `kB` counts 1000, in any case of letters.
 *
 * @returns undefined when it is no size, or not a whole number of bytes that a double holds exactly
 */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-z]*)$/i.exec(text) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit.toLowerCase()];
  if (amount === undefined || factor === undefined) return undefined;
  const bytes = Number(amount) * factor;
  if (factor > 1) return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
