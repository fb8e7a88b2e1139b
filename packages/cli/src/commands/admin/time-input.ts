import { parseDuration } from "@wharf/registry";

import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";

/**
 * A time in the past.
 *
 * @returns milliseconds since 1970; undefined when the flag is not given
 * @throws {UsageError} when it is no time
 */
export function pastTime(flags: ParsedFlags, name: string, now = Date.now()): number | undefined {
  const text = flags.value(name);
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  const time = ago === undefined ? parseTime(text) : now - ago;
  if (time !== undefined) return time;
  throw new UsageError(
    `--${name} ${JSON.stringify(text)} is no time`,
    "write it like 2026-11-21T10:00:00Z, or 2h for two hours ago",
  );
}

/** As {@link pastTime}, of a time to come; null: `never`. */
export function endTime(
  flags: ParsedFlags,
  name: string,
  now = Date.now(),
): number | null | undefined {
  const text = flags.value(name);
  if (text === undefined) return undefined;
  if (text === "never") return null;
  const after = parseDuration(text);
  const time = after === undefined ? parseTime(text) : now + after;
  if (time !== undefined && time > now) return time;
  throw new UsageError(
    time === undefined
      ? `--${name} ${JSON.stringify(text)} is no time`
      : `--${name} ${JSON.stringify(text)} is no time to come`,
    "write it like 12h or 90d, or 2030-01-01T00:00:00Z",
  );
}

/** RFC 3339, or a day, which begins at midnight UTC. */
function parseTime(text: string): number | undefined {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/.exec(
      text,
    );
  const day = match?.[1];
  // 02-31 would be in March.
  if (day === undefined || isoDay(day) !== day) return undefined;
  const time = Date.parse(text.toUpperCase().replace(" ", "T"));
  return Number.isNaN(time) ? undefined : time;
}

function isoDay(day: string): string | undefined {
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10);
}
