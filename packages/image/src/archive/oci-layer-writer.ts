import type { ByteSink } from "../source/byte-source.ts";
import { compressionOf } from "../compression/compression.ts";
import type { LayerCompression } from "../compression/compression.ts";
import { compressor } from "../compression/compressor.ts";
import type { Digest } from "../document/digest.ts";
import type { ImageLayer } from "../image.ts";
import { ociLayerType } from "../document/media-types.ts";
import type { OutputImage, OutputLayer } from "../squash/output-image.ts";
import { hashedTransfer } from "./hashed-transfer.ts";
import type { LayoutTarget } from "./layout-target.ts";
import { portableGzipHeader } from "./portable-gzip-header.ts";
import type { OciOptions } from "./write-oci-layout.ts";
import type { WrittenLayer } from "./written-image.ts";

const DEFAULT_COMPRESSION: LayerCompression = { kind: "gzip", level: 6 };

/** Writes the layers of a layout; a layer that several images share is written once. */
export class OciLayerWriter {
  readonly #target: LayoutTarget;
  readonly #options: OciOptions;
  readonly #compression: LayerCompression;
  readonly #total: number;
  readonly #written = new Map<Digest | OutputLayer, WrittenLayer>();

  constructor(target: LayoutTarget, images: readonly OutputImage[], options: OciOptions) {
    this.#target = target;
    this.#options = options;
    this.#compression = options.compression ?? DEFAULT_COMPRESSION;
    const layers = new Map(
      images.flatMap((image) => image.layers).map((layer) => [keyOf(layer), layer]),
    );
    this.#total = layers.values().reduce((sum, layer) => sum + layer.size, 0);
  }

  async write(layer: OutputLayer): Promise<WrittenLayer> {
    const key = keyOf(layer);
    const written = this.#written.get(key) ?? (await this.#writeNew(layer));
    this.#written.set(key, written);
    return written;
  }

  async #writeNew(layer: OutputLayer): Promise<WrittenLayer> {
    const { kept, diffId } = layer;
    if (kept !== undefined && diffId !== undefined && (await this.#reuses(kept)))
      return this.#copy(layer, kept, diffId);
    return this.#compress(layer);
  }

  async #reuses(kept: ImageLayer): Promise<boolean> {
    return (
      this.#options.recompressKept !== true ||
      (await compressionOf(kept.blob)) === this.#compression.kind
    );
  }

  /** The stored bytes stay as they are, only their type is told in the words of OCI. */
  async #copy(layer: OutputLayer, kept: ImageLayer, diffId: Digest): Promise<WrittenLayer> {
    const { blob, digest } = kept;
    const share = blob.size === 0 ? 0 : layer.size / blob.size;
    const copy = async (sink: ByteSink): Promise<void> => {
      for await (const chunk of blob.stream()) {
        this.#options.signal?.throwIfAborted();
        await sink(chunk);
        this.#tell(chunk.length * share);
      }
    };
    const expected = digest === undefined ? undefined : { digest, size: blob.size };
    const stored = await this.#target.blob(copy, expected);
    return {
      ...stored,
      diffId,
      mediaType: ociLayerType(await compressionOf(blob), kept.mediaType),
    };
  }

  async #compress(layer: OutputLayer): Promise<WrittenLayer> {
    let diffId = layer.diffId;
    const stored = await this.#target.blob(async (sink) => {
      const encoder = compressor(
        this.#compression,
        this.#compression.kind === "gzip" ? portableGzipHeader(sink) : sink,
      );
      try {
        diffId = await this.#writePlain(layer, encoder.write);
        await encoder.end();
      } catch (error) {
        encoder.abort();
        throw error;
      }
    });
    if (diffId === undefined) throw new Error("a layer was stored without having been written");
    return {
      ...stored,
      diffId,
      mediaType: ociLayerType(this.#compression.kind, layer.kept?.mediaType),
    };
  }

  /** A kept layer verifies its diffID itself; a new one is hashed on its way. */
  async #writePlain(layer: OutputLayer, sink: ByteSink): Promise<Digest> {
    let size = 0;
    const told: ByteSink = async (chunk) => {
      size += chunk.length;
      if (size > layer.size) throw wrongSize(layer, "more");
      await sink(chunk);
      this.#tell(chunk.length);
    };
    const diffId = await this.#writeHashed(layer, told);
    if (size !== layer.size) throw wrongSize(layer, `${size}`);
    return diffId;
  }

  async #writeHashed(layer: OutputLayer, sink: ByteSink): Promise<Digest> {
    const { signal } = this.#options;
    if (layer.diffId !== undefined) {
      await layer.writeTo(sink, signal);
      return layer.diffId;
    }
    const { digest } = await hashedTransfer((hashing) => layer.writeTo(hashing, signal), sink);
    return digest;
  }

  #tell(bytes: number): void {
    this.#options.onProgress?.({ phase: "write", bytes, total: this.#total });
  }
}

/** Kept layers of equal content may be stored in several ways; each stays as it is. */
function keyOf(layer: OutputLayer): Digest | OutputLayer {
  return layer.kept?.digest ?? layer.diffId ?? layer;
}

function wrongSize(layer: OutputLayer, found: string): Error {
  return new Error(`a layer was announced with ${layer.size} bytes and has ${found}`);
}
