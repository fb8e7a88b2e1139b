import type { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";

/** The part of a list that is asked for. */
export interface Page {
  /** Entries at most; may be 0. */
  readonly limit: number;
  /** The last entry of the page before. */
  readonly after: string | undefined;
}

/**
 * Reads `n` and `last` (distribution-spec, "Listing Tags"). More than the registry gives at once is cut to that, as the
 * specification allows.
 *
 * @throws {RegistryError} PAGINATION_NUMBER_INVALID, PARAMETER_INVALID
 */
export function pageOf(exchange: Exchange, most: number): Page {
  const text = exchange.query.get("n");
  const after = textParameter(exchange, "last");
  if (text === null || text === "") return { limit: most, after };
  if (!/^\d{1,15}$/.test(text)) {
    throw new RegistryError("PAGINATION_NUMBER_INVALID", "n is not a number of entries", {
      detail: { parameter: "n" },
    });
  }
  return { limit: Math.min(most, Number(text)), after };
}

/**
 * A parameter that is compared with what is stored.
 *
 * @throws {RegistryError} PARAMETER_INVALID for a NUL: nothing that is stored has one, and PostgreSQL takes none
 */
export function textParameter(exchange: Exchange, name: string): string | undefined {
  const text = exchange.query.get(name) ?? undefined;
  if (text?.includes("\0") !== true) return text;
  throw new RegistryError("PARAMETER_INVALID", `${name} has a character that no text here has`, {
    detail: { parameter: name },
  });
}

/** `Link` header to the next page (RFC 8288). @param path without a host: clients send their password where it leads */
export function nextLink(path: string, parameters: Record<string, string | number>): string {
  const query = new URLSearchParams(
    Object.entries(parameters).map(([key, value]): [string, string] => [key, String(value)]),
  );
  return `<${path}?${query.toString()}>; rel="next"`;
}
