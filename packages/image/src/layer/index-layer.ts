import type { ByteSource } from "../source/byte-source.ts";
import { compressionOf } from "../compression/compression.ts";
import type { Compression } from "../compression/compression.ts";
import { releaseChunk } from "../compression/decoder-stream.ts";
import { decompress } from "../compression/decompress.ts";
import { algorithmOf, Digester } from "../document/digest.ts";
import type { Digest } from "../document/digest.ts";
import { ImageError, withPlace } from "../image-error.ts";
import { LayerIndexer } from "./layer-indexer.ts";
import type { LayerIndex, LayerWarning } from "./layer-index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { writeFully } from "../source/spool.ts";
import { expectSame } from "./verify-layer.ts";

/** What is claimed of a layer, and where its plain bytes are wanted. */
export interface IndexLayerOptions {
  /** Number of the layer, for errors; the lowest is 1. */
  readonly layer?: number | undefined;
  /** Digest of the stored bytes; checked when given. */
  readonly digest?: Digest | undefined;
  /** Digest of the uncompressed stream; checked when given. */
  readonly diffId?: Digest | undefined;
  readonly limits?: Limits | undefined;
  /** Descriptor of an open file that takes the uncompressed stream of a compressed layer, from position 0. */
  readonly spoolTo?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the number of stored bytes read since the last call. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/** Writes to the spool that may be under way at once. */
const WRITES_AHEAD = 4;

/**
 * Reads a layer once, from the first to the last stored byte, and makes its index. Digest and diffID are checked on
 * the way: an index exists only for a layer whose bytes are what was claimed.
 *
 * @throws {ImageError} `damaged`, `limit` or `unsupported`, with layer, offset and path
 *
 * @example
 * import { open } from "node:fs/promises";
 *
 * await using file = await open("layer.tar.gz");
 * const { size } = await file.stat();
 * const index = await indexLayer(fileSource({ fd: file.fd, offset: 0, size }), { layer: 1 });
 * index.table.count; // => 2
 * index.size > size; // => true
 */
export async function indexLayer(
  source: ByteSource,
  options: IndexLayerOptions = {},
): Promise<LayerIndex> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  try {
    return await readLayer(source, options, limits);
  } catch (error) {
    throw options.layer === undefined ? error : withPlace(error, { layer: options.layer });
  }
}

async function readLayer(
  source: ByteSource,
  options: IndexLayerOptions,
  limits: Limits,
): Promise<LayerIndex> {
  const compression = await compressionOf(source);
  const indexer = new LayerIndexer(limits, options.layer);
  const plainDigest = new Digester(options.diffId);
  const storedDigest = needsOwnDigest(compression, options)
    ? new Digester(options.digest)
    : undefined;
  const spool = new SpoolWriter(options.spoolTo);
  const trailing: LayerWarning[] = [];
  let stored = 0;
  let plain = 0;
  const chunks = decompress(source, compression, {
    signal: options.signal,
    onStored(chunk) {
      stored += chunk.length;
      storedDigest?.update(chunk);
      options.onRead?.(chunk.length);
    },
    onTrailingBytes(count) {
      trailing.push({ rule: 44, message: `${count} bytes after the compressed data are ignored` });
    },
  });
  try {
    for await (const chunk of chunks) {
      plain += chunk.length;
      checkExpansion(plain, stored, limits);
      plainDigest.update(chunk);
      indexer.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
      if (compression !== "none") await spool.take(chunk);
    }
  } finally {
    await spool.settle();
  }
  const diffId = plainDigest.digest();
  const digest = storedDigest?.digest() ?? diffId;
  if (options.digest !== undefined) expectSame("the digest", options.digest, digest);
  if (options.diffId !== undefined) expectSame("the diffID", options.diffId, diffId);
  const { warnings, ...index } = indexer.finish();
  return { ...index, diffId, digest, storedSize: stored, warnings: [...warnings, ...trailing] };
}

/** A plain layer's digest is its diffID, unless the two are claimed with different algorithms. */
function needsOwnDigest(compression: Compression, { digest, diffId }: IndexLayerOptions): boolean {
  if (compression !== "none") return true;
  return algorithmOf(digest ?? diffId ?? SHA256) !== algorithmOf(diffId ?? SHA256);
}

const SHA256 = "sha256:" as Digest; // only asked for its algorithm

function checkExpansion(plain: number, stored: number, limits: Limits): void {
  if (plain > limits.layerBytes) {
    throw new ImageError("limit", `the layer expands to more than ${limits.layerBytes} bytes`);
  }
  if (plain > limits.ratioFreeBytes && plain > stored * limits.expansionRatio) {
    throw new ImageError(
      "limit",
      `the layer expands to more than ${limits.expansionRatio} times its size`,
    );
  }
}

/** Takes decoded chunks: writes them one behind the other, a few at a time, and gives their memory back. */
class SpoolWriter {
  readonly #fd: number | undefined;
  #position = 0;
  #error: unknown;
  readonly #underWay = new Set<Promise<void>>();

  constructor(fd: number | undefined) {
    this.#fd = fd;
  }

  async take(chunk: Uint8Array): Promise<void> {
    if (this.#fd === undefined) {
      releaseChunk(chunk);
      return;
    }
    const writing = writeFully(this.#fd, chunk, this.#position)
      .then(() => releaseChunk(chunk))
      .catch((error: unknown) => {
        this.#error ??= error;
      })
      .finally(() => this.#underWay.delete(writing));
    this.#position += chunk.length;
    this.#underWay.add(writing);
    if (this.#underWay.size >= WRITES_AHEAD) await Promise.race(this.#underWay);
    if (this.#error !== undefined) throw this.#error;
  }

  /** Waits for the last writes. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#error !== undefined) throw this.#error;
  }
}
