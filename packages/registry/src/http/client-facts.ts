import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

/** How a request reached us. */
export interface ClientFacts {
  readonly address: string;
  /** Scheme and authority, such as `https://registry.example.com`. */
  readonly origin: string;
}

/** Finds out who a request comes from and under which name; proxies are believed only when they are trusted. */
export class ClientReader {
  readonly #scheme: "http" | "https";
  readonly #trusted = new BlockList();
  readonly #hasTrusted: boolean;

  /** @param trusted addresses and networks in CIDR notation */
  constructor(scheme: "http" | "https", trusted: readonly string[]) {
    this.#scheme = scheme;
    this.#hasTrusted = trusted.length > 0;
    for (const text of trusted) {
      const [address = "", bits] = text.split("/");
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      if (bits === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(bits), family);
    }
  }

  read(request: IncomingMessage): ClientFacts {
    const { headers, socket } = request;
    const peer = plainAddress(socket.remoteAddress ?? "");
    if (!this.#hasTrusted || !this.#isTrusted(peer)) {
      return { address: peer, origin: `${this.#scheme}://${authority(headers.host)}` };
    }
    const scheme = first(headers["x-forwarded-proto"]) === "https" ? "https" : this.#scheme;
    const host = first(headers["x-forwarded-host"]) ?? headers.host;
    return {
      address: this.#client(peer, headers["x-forwarded-for"]),
      origin: `${scheme}://${authority(host)}`,
    };
  }

  /** The last address in the chain that is none of our proxies; those before it can be invented. */
  #client(peer: string, header: string | string[] | undefined): string {
    const chain = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",");
    for (const text of chain.toReversed()) {
      const address = plainAddress(text.trim());
      if (isIP(address) === 0) return peer;
      if (!this.#isTrusted(address)) return address;
    }
    return peer;
  }

  #isTrusted(address: string): boolean {
    return isIP(address) > 0 && this.#trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  }
}

/** An IPv4 address that a dual-stack socket writes as IPv6. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(",")[0]?.trim();
}

/** What is no host and port is not repeated to anybody (RFC 3986, 3.2.2). */
function authority(host: string | undefined): string {
  return host !== undefined &&
    /^[a-zA-Z0-9._-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(host)
    ? host
    : "localhost";
}
