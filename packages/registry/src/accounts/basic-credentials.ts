/** User and password of a Basic `Authorization` header (RFC 7617). */
export interface BasicCredentials {
  readonly user: string;
  readonly secret: string;
}

/**
 * @param value what follows `Basic `
 * @returns the credentials, or what is wrong with them
 */
export function parseBasic(value: string): BasicCredentials | string {
  // Node's decoder skips what is not base64; a header with such characters is refused instead.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return "the Basic credentials are not base64";
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "base64"));
  } catch {
    return "the Basic credentials are not UTF-8";
  }
  const colon = text.indexOf(":");
  if (colon < 0) return "the Basic credentials have no colon between user and password";
  if (colon === 0) return "the Basic credentials have no user";
  return { user: text.slice(0, colon), secret: text.slice(colon + 1) };
}
