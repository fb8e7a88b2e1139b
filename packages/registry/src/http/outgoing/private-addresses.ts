import { BlockList, isIPv4 } from "node:net";
import type { Config } from "../../config/config.ts";

/** Networks that are not the public Internet (IANA's registries of special-purpose addresses). */
const PRIVATE_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
];

/** Where clouds keep the credentials of a machine, and what is no single machine: never opened by the general switch. */
const NEVER_IPV4 = ["169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"];

/** Of the public range 2000::/3: protocol assignments with Teredo, documentation, 6to4. */
const PRIVATE_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** What is opened by the general switch outside of 2000::/3: loopback and unique local addresses. */
const LOCAL_IPV6 = ["::1/128", "fc00::/7"];

const privateList = listOf([...PRIVATE_IPV4, ...PRIVATE_IPV6]);
const neverList = listOf(NEVER_IPV4);
const localList = listOf(LOCAL_IPV6);
const publicIpv6 = listOf(["2000::/3"]);

/**
 * May a request that a user asked for reach this address?
 *
 * @param address IPv4 or IPv6 without a zone; an IPv4 address written as IPv6 counts as what it stands for
 */
export function mayReach(address: string, network: Config["network"]): boolean {
  const plain = mappedIpv4(address) ?? address;
  const family = isIPv4(plain) ? "ipv4" : "ipv6";
  if (listOf(network.allowedNetworks).check(plain, family)) return true;
  if (family === "ipv4") {
    if (neverList.check(plain)) return false;
    return network.allowPrivateAddresses || !privateList.check(plain);
  }
  // Everything else is reserved, or stands for an IPv4 address (RFC 4291, RFC 6052).
  if (!publicIpv6.check(plain, family)) {
    return network.allowPrivateAddresses && localList.check(plain, family);
  }
  return network.allowPrivateAddresses || !privateList.check(plain, family);
}

/** `::ffff:10.0.0.1`, however it is written. */
function mappedIpv4(address: string): string | undefined {
  if (isIPv4(address)) return undefined;
  const canonical = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1) ?? "";
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join(".");
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    list.addSubnet(
      address,
      bits === undefined ? (family === "ipv4" ? 32 : 128) : Number(bits),
      family,
    );
  }
  return list;
}
