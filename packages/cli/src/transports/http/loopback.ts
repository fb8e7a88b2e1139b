import { isIP } from "node:net";

/**
 * Whether a host is this machine by its name alone: `localhost` and names below it (RFC 6761), 127.0.0.0/8, ::1.
 *
 * @param hostname without port; IPv6 with or without brackets
 */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[|\]$/g, "");
  if (isIP(name) === 4) return name.startsWith("127.");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1";
}
