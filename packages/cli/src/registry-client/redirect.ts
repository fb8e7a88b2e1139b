import { isLoopback } from "../transports/http/loopback.ts";
import { TransportError } from "../transports/transport-error.ts";

/**
 * The address that a `Location` header names, if it may be asked: no step down from https to http, nothing on this
 * machine unless the registry is there as well, no credentials in the address.
 *
 * @param from the address that answered
 * @param registry the registry's own address
 * @throws {TransportError} `refused`
 */
export function followRedirect(from: URL, location: string | undefined, registry: URL): URL {
  const url =
    location !== undefined && URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (url === undefined)
    throw new TransportError("refused", `${from.host} answers without a usable Location`);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new TransportError("refused", `${from.host} names an address that is not followed`);
  }
  if (url.origin === registry.origin) return url;
  if (isLoopback(url.hostname) && !isLoopback(registry.hostname)) {
    throw new TransportError(
      "refused",
      `${from.host} redirects to this machine, which is not followed`,
    );
  }
  if (url.protocol === "http:" && from.protocol === "https:" && !isLoopback(url.hostname)) {
    throw new TransportError(
      "refused",
      `${from.host} redirects to ${url.host} without https, which is not followed`,
    );
  }
  return url;
}
