const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Longest time that can be configured: ten years. */
const LONGEST = 3650 * 86_400_000;

/**
 * Milliseconds of a time such as `10m`, `14d` or `1h30m`; `0` needs no unit.
 *
 * @returns undefined when it is none, or longer than ten years
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d{1,12}(?:ms|[smhdw]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ""] of text.matchAll(/(\d+)(ms|[smhdw])/g)) {
    total += Number(amount) * (UNITS[unit] ?? Number.NaN);
  }
  return total <= LONGEST ? total : undefined;
}
