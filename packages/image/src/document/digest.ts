import { createHash } from "node:crypto";

import { ImageError } from "../image-error.ts";

/** A content digest, `algorithm:hex`, as in image-spec `descriptor.md`, "Digests". Only made by {@link parseDigest} and {@link digestOf}. */
export type Digest = string & { readonly __brand: "Digest" };

/** Registered algorithms and the length of their hex form (image-spec `descriptor.md`, "Registered Algorithms"). */
const HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/**
 * Checks the text of a digest.
 *
 * @param text for example `sha256:` and 64 lower-case hex digits
 * @throws {ImageError} `damaged` when it is not a digest, `unsupported` for an algorithm other than sha256 and sha512
 *
 * @example
 * const digest = parseDigest(`sha256:${"0".repeat(64)}`);
 * algorithmOf(digest); // => "sha256"
 */
export function parseDigest(text: unknown): Digest {
  const match = typeof text === "string" ? /^([a-z0-9+._-]+):([a-zA-Z0-9=_-]+)$/.exec(text) : null;
  if (match === null) throw new ImageError("damaged", `not a digest: ${JSON.stringify(text)}`);
  const [, algorithm = "", hex = ""] = match;
  const length = HEX_LENGTH[algorithm];
  if (length === undefined)
    throw new ImageError("unsupported", `digest algorithm ${algorithm} is not supported`);
  if (hex.length !== length || !/^[0-9a-f]+$/.test(hex)) {
    throw new ImageError("damaged", `not a ${algorithm} digest: ${JSON.stringify(text)}`);
  }
  return text as Digest; // checked just above
}

/** The sha256 digest of bytes that are at hand. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest; // right by construction
}

/** A running digest. `algorithm` is that of `expected`, sha256 when nothing is expected. */
export class Digester {
  readonly #algorithm: string;
  readonly #hash;

  constructor(expected?: Digest) {
    this.#algorithm = expected === undefined ? "sha256" : algorithmOf(expected);
    this.#hash = createHash(this.#algorithm);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Ends the digest; call once. */
  digest(): Digest {
    return `${this.#algorithm}:${this.#hash.digest("hex")}` as Digest; // right by construction
  }
}

/** The part before the colon. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(":"));
}

/** The part after the colon. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}
