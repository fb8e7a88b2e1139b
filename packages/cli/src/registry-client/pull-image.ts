import {
  type ByteSource,
  DEFAULT_LIMITS,
  type Descriptor,
  type Digest,
  type Image,
  ImageError,
  type ImageSource,
  isForeignLayerType,
  type Limits,
  type OnProgress,
  quote,
  Spool,
} from "@wharf/image";

import { familiarName, type TagName } from "../transports/image-name.ts";
import { downloadBlob } from "./download-blob.ts";
import { fetchImageDocuments, type ImageDocuments } from "./fetch-image-documents.ts";
import { inParallel } from "./in-parallel.ts";
import type { RegistryClient } from "./registry-client.ts";

export interface PullOptions {
  /** `os/architecture[/variant]`, `all`, or undefined: what runs on this machine, or the only one there is. */
  readonly platform?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly limits?: Limits | undefined;
  /** Where the layers are kept until the source is closed. */
  readonly tmpDir?: string | undefined;
  /** Layers that are downloaded at a time, default 4. */
  readonly parallel?: number | undefined;
}

/**
 * Pulls an image. Every document and layer is verified against its digest; layers lie in files without a name.
 *
 * @param reference the tag or digest; a digest goes before a tag
 * @throws {ImageError} when there is no such image, it is damaged, or none of ours to read
 * @throws {TransportError} when the registry cannot be reached or refuses
 */
export async function pullImage(
  client: RegistryClient,
  reference: { readonly tag: TagName | undefined; readonly digest: Digest | undefined },
  options: PullOptions = {},
): Promise<ImageSource> {
  const { limits = DEFAULT_LIMITS } = options;
  const found = await fetchImageDocuments(
    client,
    reference.digest ?? reference.tag ?? "latest",
    options.platform,
    limits,
  );
  const layers = new Map(
    found.flatMap(({ manifest }) => manifest.layers).map((layer) => [layer.digest, layer]),
  );
  await using spools = new AsyncDisposableStack();
  const blobs = await download(client, [...layers.values()], spools, options);
  const { tag, digest } = reference;
  const { host, repository } = client;
  const names =
    tag !== undefined && digest === undefined
      ? [familiarName({ host, repository, tag, digest })]
      : [];
  const images = found.map((documents) => imageOf(documents, names, blobs));
  const kept = spools.move();
  return { images, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function download(
  client: RegistryClient,
  layers: readonly Descriptor[],
  spools: AsyncDisposableStack,
  options: PullOptions,
): Promise<ReadonlyMap<Digest, ByteSource>> {
  const { onProgress, tmpDir, parallel = 4 } = options;
  const blobs = new Map<Digest, ByteSource>();
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  onProgress?.({ phase: "download", bytes: 0, total });
  await inParallel(layers, parallel, client.signal, async (layer, signal) => {
    const spool = spools.use(await Spool.create(tmpDir));
    const sink = async (chunk: Uint8Array): Promise<void> => {
      await spool.write(chunk);
      onProgress?.({ phase: "download", bytes: chunk.length, total });
    };
    try {
      await downloadBlob(client.withSignal(signal), layer, sink, "the layer");
    } catch (error) {
      throw foreignLayerError(layer, error) ?? error;
    }
    blobs.set(layer.digest, spool.source());
  });
  return blobs;
}

/** The data of a foreign layer is used when the registry has it; the addresses it names are not asked. */
function foreignLayerError(
  { digest, mediaType, urls }: Descriptor,
  error: unknown,
): ImageError | undefined {
  if (!(error instanceof ImageError) || error.code !== "not-found") return undefined;
  if (urls.length === 0 && !isForeignLayerType(mediaType)) return undefined;
  const offered =
    urls.length > 0 ? `, it is offered at ${urls.slice(0, 5).map(quote).join(", ")}` : "";
  return new ImageError(
    "unsupported",
    `the foreign layer ${digest} is not in the registry${offered}`,
    {
      hint: "push the image together with the data of its foreign layers",
      cause: error,
    },
  );
}

function imageOf(
  { manifest, manifestDigest, config }: ImageDocuments,
  names: readonly string[],
  blobs: ReadonlyMap<Digest, ByteSource>,
): Image {
  const { annotations } = manifest;
  return {
    names,
    config: config.bytes,
    configDigest: manifest.config.digest,
    manifestDigest,
    ...(annotations === undefined ? {} : { annotations }),
    platform: config.platform,
    layers: manifest.layers.map((layer, index) => {
      const blob = blobs.get(layer.digest);
      const diffId = config.diffIds[index];
      if (blob === undefined || diffId === undefined)
        throw new Error(`layer ${index + 1} was not downloaded`);
      const { mediaType, digest, annotations: own } = layer;
      return {
        blob,
        mediaType,
        digest,
        diffId,
        ...(own === undefined ? {} : { annotations: own }),
      };
    }),
  };
}
