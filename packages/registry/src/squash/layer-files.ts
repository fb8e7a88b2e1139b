import { compressionOf, decompress } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { OpenContent, Piece } from "../http/send-content.ts";
import { objectContent } from "../http/send-content.ts";
import type { BlobStore } from "../storage/blob-store.ts";
import type { CachedLayer } from "./layer-cache.ts";
import type { SourceLayer } from "./source-image.ts";

/** A layer file of an archive that is downloaded. */
export interface LayerFile {
  /** Length in bytes. */
  readonly size: number;
  /** Of the uncompressed layer; undefined as long as it is being made for the first time. */
  readonly diffId: Digest | undefined;
  /** Of the file, for archives that name files by it. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** Opens it for one response. */
  open(signal: AbortSignal): Promise<OpenContent>;
}

/** A layer as it is stored. */
export function storedFile(
  store: BlobStore,
  { key, size, digest, mediaType }: SourceLayer,
  diffId: Digest,
): LayerFile {
  return {
    size,
    diffId,
    digest,
    mediaType,
    open: async () => objectContent(await store.open(key)),
  };
}

/** A stored layer as a plain tar. @param size of the plain tar */
export function plainFile(
  store: BlobStore,
  { key }: SourceLayer,
  about: { size: number; diffId: Digest; mediaType: string },
): LayerFile {
  return {
    ...about,
    digest: about.diffId,
    async open(signal) {
      const object = await store.open(key);
      return {
        async *pieces(start, end) {
          let position = 0;
          const chunks = decompress(object, await compressionOf(object), { signal });
          for await (const chunk of chunks) {
            const from = Math.max(0, start - position);
            const to = Math.min(chunk.length, end - position);
            position += chunk.length;
            if (to > from) yield chunk.subarray(from, to);
            if (position >= end) return;
          }
        },
        [Symbol.asyncDispose]: () => object[Symbol.asyncDispose](),
      };
    },
  };
}

/** A squashed layer that is complete or being made. @param acquire takes it from the cache, once for each response */
export function squashedFile(
  acquire: () => CachedLayer,
  about: { size: number; diffId: Digest | undefined; digest: Digest; mediaType: string },
): LayerFile {
  return {
    ...about,
    open: (signal) => {
      const layer = acquire();
      return Promise.resolve({
        pieces: (start, end): AsyncIterable<Piece> => layer.pieces(start, end, signal),
        [Symbol.asyncDispose]: () => layer[Symbol.asyncDispose](),
      });
    },
  };
}
