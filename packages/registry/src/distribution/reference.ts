import { ImageError, parseDigest } from "@wharf/image";
import type { Digest } from "@wharf/image";
import { RegistryError } from "../http/registry-error.ts";
import { isTagName } from "../repositories/tag-name.ts";

/** What a manifest is asked for by. */
export type Reference =
  | { readonly kind: "tag"; readonly tag: string }
  | { readonly kind: "digest"; readonly digest: Digest };

/**
 * A colon makes it a digest: no tag has one.
 *
 * @throws {RegistryError} DIGEST_INVALID or TAG_INVALID
 */
export function parseReference(text: string): Reference {
  if (text.includes(":")) return { kind: "digest", digest: digestParameter(text) };
  if (!isTagName(text)) {
    throw new RegistryError(
      "TAG_INVALID",
      "a tag has 1 to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two",
      { detail: { tag: text.slice(0, 300) } },
    );
  }
  return { kind: "tag", tag: text };
}

/**
 * A digest in a path or query.
 *
 * @throws {RegistryError} DIGEST_INVALID
 */
export function digestParameter(text: string): Digest {
  try {
    return parseDigest(text);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new RegistryError("DIGEST_INVALID", error.reason.slice(0, 500), {
      detail: { digest: text.slice(0, 300) },
    });
  }
}
