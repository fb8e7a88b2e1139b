const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/**
 * Bytes for a person: three significant digits in decimal units, as `docker images` shows them.
 *
 * @example sizeText(676_100_000) === "676 MB"
 */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be rounded to 1000.
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : significant(value)} ${UNITS[unit]}`;
}

function significant(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}
