import type { ByteSource } from "../source/byte-source.ts";

/** How stored bytes are compressed. */
export type Compression = "none" | "gzip" | "zstd";

/** How layers are to be compressed. Levels: gzip 1 to 9, zstd 1 to 22. */
export type LayerCompression =
  | { readonly kind: "none" }
  | { readonly kind: "gzip"; readonly level: number }
  | { readonly kind: "zstd"; readonly level: number };

/**
 * Tells compression by the first bytes, as container engines do; media types lie.
 *
 * @param head at least the first 4 bytes, fewer when there are no more
 */
export function detectCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08) return "gzip"; // RFC 1952, 2.3.1
  const magic =
    ((head[0] ?? 0) | ((head[1] ?? 0) << 8) | ((head[2] ?? 0) << 16) | ((head[3] ?? 0) << 24)) >>>
    0;
  if (magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5) return "zstd"; // RFC 8878, 3.1.1 and 3.1.2 (skippable)
  return "none";
}

/** Reads the first bytes of a source and tells its compression. */
export async function compressionOf(source: ByteSource): Promise<Compression> {
  const head: number[] = [];
  for await (const chunk of source.stream(0, Math.min(4, source.size))) head.push(...chunk);
  return detectCompression(Uint8Array.from(head));
}
