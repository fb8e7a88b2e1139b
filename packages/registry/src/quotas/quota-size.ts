import { parseSize } from "../config/parse-size.ts";
import { RegistryError } from "../http/registry-error.ts";

/**
 * How much a quota is to be, as a request says it.
 *
 * @returns bytes; undefined: it does not say
 * @throws {RegistryError} `PARAMETER_INVALID`
 */
export function quotaSizeOf(body: {
  readonly limit_bytes?: number | undefined;
  readonly limit?: string | undefined;
}): number | undefined {
  if (body.limit_bytes !== undefined || body.limit === undefined) return body.limit_bytes;
  // Quay takes `10 Gi` and `10G` for `10 GiB` and `10 GB`.
  const text = body.limit.trim().replace(/(?<=[kmgt]i?)$/i, "B");
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new RegistryError("PARAMETER_INVALID", "limit: must be a size such as 10 GiB or 500MB", {
    detail: { field: "limit" },
  });
}

const UNITS = ["Byte", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Such as `10.0 GiB`, as Quay writes it. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
