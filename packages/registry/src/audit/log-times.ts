import { RegistryError } from "../http/registry-error.ts";

/** A span of time, in milliseconds since 1970. */
export interface LogTimes {
  readonly from: number;
  /** Not part of it. */
  readonly to: number;
}

const DAY = 86_400_000;

/**
 * The span that a client asks for. A day as the end is part of the span (Quay); without an end it is now, without a
 * beginning a day before the end.
 *
 * @throws {RegistryError} `PARAMETER_INVALID` naming the parameter
 */
export function parseLogTimes(
  {
    starttime,
    endtime,
  }: { readonly starttime?: string | undefined; readonly endtime?: string | undefined },
  now: number,
): LogTimes {
  const end = parseTime("endtime", endtime);
  // Entries of this very millisecond are part of what was done until now.
  const to = end === undefined ? now + 1 : end.isDay ? end.time + DAY : end.time;
  const from = parseTime("starttime", starttime)?.time ?? Math.min(to, now) - DAY;
  if (from <= to) return { from, to };
  throw invalid("starttime", "must not be after endtime");
}

interface Time {
  readonly time: number;
  /** Only a day was named. */
  readonly isDay: boolean;
}

function parseTime(field: string, text: string | undefined): Time | undefined {
  if (text === undefined || text === "") return undefined;
  const time = quayTime(text) ?? rfc3339(text);
  if (time !== undefined) return time;
  throw invalid(
    field,
    "must be a time such as 11/21/2026, 11/21/2026 10:00 UTC or 2026-11-21T10:00:00Z",
  );
}

/** `mm/dd/YYYY[ HH:MM[ UTC]]` */
function quayTime(text: string): Time | undefined {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d{2})(?: UTC)?)?$/.exec(text);
  if (match === null) return undefined;
  const [, month = "", day = "", year = "", hour, minute] = match;
  const time = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
  );
  const date = new Date(time);
  // 02/31 would be in March.
  const isReal =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === Number(hour ?? 0) &&
    date.getUTCFullYear() === Number(year);
  return isReal ? { time, isDay: hour === undefined } : undefined;
}

/** RFC 3339. A `+` that nobody has encoded comes as a blank. */
function rfc3339(text: string): Time | undefined {
  const match =
    /^(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)([Zz]|[+ -]\d{2}:?\d{2})$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, moment = "", zone = ""] = match;
  const time = Date.parse(`${moment.toUpperCase()}${zone.toUpperCase().replace(" ", "+")}`);
  return Number.isNaN(time) ? undefined : { time, isDay: false };
}

function invalid(field: string, message: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field}: ${message}`, { detail: { field } });
}
