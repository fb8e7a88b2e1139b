import {
  type ByteSink,
  compressionOf,
  compressor,
  type Digest,
  Digester,
  dockerLayerType,
  type ImageLayer,
  ImageError,
  type LayerCompression,
  ociLayerType,
  type OutputLayer,
  portableGzipHeader,
} from "@wharf/image";

import type { RegistryClient } from "./registry-client.ts";
import { hasBlob, mountBlob, uploadBlob } from "./upload-blob.ts";

/** A layer that the registry has. */
export interface UploadedLayer {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly diffId: Digest;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Which family of media types a manifest is written in. */
export type MediaFamily = "oci" | "docker";

/** A layer that goes out as it is stored. */
export interface StoredLayer {
  readonly kept: ImageLayer;
  /** Verified. */
  readonly diffId: Digest;
}

/**
 * Brings a kept layer to the registry as it is stored: not at all when it is there, by mounting when a neighbouring
 * repository has it, else by uploading it.
 *
 * @param onBytes told the bytes that are done, of which there are `kept.blob.size`
 * @throws {ImageError} `damaged` when the stored bytes are not those of the digest
 */
export async function uploadStoredLayer(
  client: RegistryClient,
  { kept: layer, diffId }: StoredLayer,
  options: { family: MediaFamily; mountFrom: string | undefined; onBytes: (bytes: number) => void },
): Promise<UploadedLayer> {
  const { blob, annotations } = layer;
  const compression = await compressionOf(blob);
  const digest = layer.digest ?? (await digestBlob(layer, async () => {}));
  const done: UploadedLayer = {
    mediaType:
      options.family === "docker"
        ? dockerLayerType(compression)
        : ociLayerType(compression, layer.mediaType),
    digest,
    size: blob.size,
    diffId,
    ...(annotations === undefined ? {} : { annotations }),
  };
  const present = await hasBlob(client, digest);
  const mount =
    present || options.mountFrom === undefined
      ? { mounted: present }
      : await mountBlob(client, digest, options.mountFrom);
  if (mount.mounted) {
    options.onBytes(blob.size);
    return done;
  }
  const count = onlyNew(options.onBytes);
  const writeTo = (sink: ByteSink): Promise<Digest> => {
    const told = count();
    return digestBlob({ ...layer, digest }, async (chunk) => {
      await sink(chunk);
      told(chunk.length);
    });
  };
  await uploadBlob(client, { writeTo }, mount.session);
  return done;
}

/**
 * Makes a layer, compresses it and uploads it at the same time, holding none of it.
 *
 * @param onBytes told the uncompressed bytes that are done, of which there are `layer.size`
 */
export async function uploadMadeLayer(
  client: RegistryClient,
  layer: OutputLayer,
  options: { family: MediaFamily; compression: LayerCompression; onBytes: (bytes: number) => void },
): Promise<UploadedLayer> {
  const { family, compression } = options;
  const count = onlyNew(options.onBytes);
  let diffId: Digest | undefined;
  let size = 0;
  const digest = await uploadBlob(client, {
    async writeTo(sink) {
      const told = count();
      const plain = new Digester();
      const stored = new Digester();
      size = 0;
      const store: ByteSink = async (chunk) => {
        stored.update(chunk);
        size += chunk.length;
        await sink(chunk);
      };
      // The same bytes as in an OCI layout, on every system.
      const packed = compressor(
        compression,
        compression.kind === "gzip" ? portableGzipHeader(store) : store,
      );
      try {
        await layer.writeTo(async (chunk) => {
          plain.update(chunk);
          await packed.write(chunk);
          told(chunk.length);
        }, client.signal);
        await packed.end();
      } catch (error) {
        packed.abort();
        throw error;
      }
      diffId = plain.digest();
      return stored.digest();
    },
  });
  if (diffId === undefined) throw new Error("the layer was uploaded without being made");
  if (layer.diffId !== undefined && layer.diffId !== diffId) {
    throw new ImageError(
      "damaged",
      `a kept layer has diffID ${diffId}, ${layer.diffId} was expected`,
    );
  }
  const mediaType =
    family === "docker" ? dockerLayerType(compression.kind) : ociLayerType(compression.kind);
  return { mediaType, digest, size, diffId };
}

/** Copies the stored bytes of a layer and checks them against their digest, if it is known. */
async function digestBlob({ blob, digest }: ImageLayer, sink: ByteSink): Promise<Digest> {
  const digester = new Digester(digest);
  for await (const chunk of blob.stream()) {
    digester.update(chunk);
    await sink(chunk);
  }
  const actual = digester.digest();
  if (digest === undefined || digest === actual) return actual;
  throw new ImageError("damaged", `a kept layer has digest ${actual}, ${digest} was expected`);
}

/** Progress of something that may begin anew: a counter for each try, of which only the bytes beyond the best are told. */
function onlyNew(tell: (bytes: number) => void): () => (bytes: number) => void {
  let best = 0;
  return () => {
    let done = 0;
    return (bytes) => {
      done += bytes;
      if (done <= best) return;
      tell(done - best);
      best = done;
    };
  };
}
