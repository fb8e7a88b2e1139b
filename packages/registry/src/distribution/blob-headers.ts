import type { Digest } from "@wharf/image";

/** Headers of a blob: bytes of a stranger, which a browser must neither guess at nor run. */
export function blobHeaders(digest: Digest): Record<string, string> {
  return {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
  };
}
