/** For a table: `2026-11-21 10:00` in UTC; empty for no time. @param time milliseconds since 1970 */
export function timeText(time: number | null | undefined): string {
  return timeOrNull(time)?.slice(0, 16).replace("T", " ") ?? "";
}

/** For JSON: RFC 3339. @param time as of {@link timeText} */
export function timeOrNull(time: number | null | undefined): string | null {
  return time === null || time === undefined ? null : new Date(time).toISOString();
}
