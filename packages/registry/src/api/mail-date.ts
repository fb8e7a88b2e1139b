/**
 * A time as Quay writes it, such as `Sat, 21 Nov 2026 10:00:00 -0000`: the zone says that it is UTC and tells nothing of
 * where the server is (RFC 2822, 3.3).
 *
 * @param time milliseconds since 1970
 */
export function mailDate(time: number): string {
  return new Date(time).toUTCString().replace("GMT", "-0000");
}
