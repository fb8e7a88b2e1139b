import type { Exchange } from "../../http/exchange.ts";
import { RegistryError } from "../../http/registry-error.ts";

/**
 * Refuses what another site makes a browser send where there is no session whose token could show it: it could sign
 * somebody in as somebody else (login CSRF). Forms cannot send JSON, and scripts cannot hide where they come from.
 *
 * @param url under which clients reach the registry; undefined: under the one they used
 * @throws {RegistryError} `PARAMETER_INVALID`, 415, for other content; `ORIGIN_INVALID`
 */
export function expectOwnPage(exchange: Exchange, url: string | undefined): void {
  const type = exchange.header("content-type") ?? "";
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new RegistryError("PARAMETER_INVALID", "send the header Content-Type: application/json", {
      status: 415,
      detail: { field: "Content-Type" },
    });
  }
  // Fetch metadata (W3C): browsers say so, programs say nothing.
  const site = exchange.header("sec-fetch-site");
  const origin = exchange.header("origin");
  const isOwn =
    (site === undefined || site === "same-origin" || site === "none") &&
    (origin === undefined || origin === exchange.origin || origin === url);
  if (isOwn) return;
  throw new RegistryError("ORIGIN_INVALID", "this is not taken from pages of other sites");
}
