import { hash, randomBytes } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new secret of the registry's own making: 200 random bits, safe in URLs and shells, known by its beginning. */
export function makeSecret(): string {
  return `wharf_${randomText(40)}`;
}

/** Does it look like one of {@link makeSecret}? */
export function isSecret(text: string): boolean {
  return /^wharf_[0-9a-z]{40}$/.test(text);
}

/** Random letters and digits without look-alikes, five bits each. */
export function randomText(length: number): string {
  // 256 is a multiple of 32, so no character is likelier than another.
  return Array.from(randomBytes(length), (byte) => ALPHABET.charAt(byte % 32)).join("");
}

/** What is stored of a secret: it is long and random, so a fast hash keeps it (SHA-256 as lower-case hex). */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "hex");
}
