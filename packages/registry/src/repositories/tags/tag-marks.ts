const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: WEEK };

/** No tag is made to expire later than this, in milliseconds from now, as in Quay. */
export const LONGEST_EXPIRATION = 104 * WEEK;

/** By the API none is made to expire sooner than this, as in Quay. */
export const SHORTEST_EXPIRATION = HOUR;

export const EXPIRES_AFTER = "quay.expires-after";
export const IMMUTABLE = "quay.immutable";

/** What labels or annotations of an image say of the tags that it is pushed under. */
export interface TagMarks {
  /** Milliseconds. */
  readonly expiresAfter: number | undefined;
  readonly isImmutable: boolean;
}

/** A mark that cannot be read is none. What is immutable does not expire. */
export function tagMarks(labels: Readonly<Record<string, string>> | undefined): TagMarks {
  const isImmutable = labels?.[IMMUTABLE]?.trim().toLowerCase() === "true";
  const expiresAfter = isImmutable ? undefined : parseExpiresAfter(labels?.[EXPIRES_AFTER]);
  return { expiresAfter, isImmutable };
}

/**
 * @param text such as `2w`: a whole number of seconds, minutes, hours, days or weeks
 * @returns milliseconds, at most {@link LONGEST_EXPIRATION}; undefined for anything else
 */
export function parseExpiresAfter(text: string | undefined): number | undefined {
  const match = /^(\d{1,12})([smhdw])$/.exec(text?.trim().toLowerCase() ?? "");
  if (match === null) return undefined;
  const [, count = "", unit = ""] = match;
  const milliseconds = Number(count) * (UNITS[unit] ?? 0);
  return milliseconds === 0 ? undefined : Math.min(milliseconds, LONGEST_EXPIRATION);
}
