import {
  type ByteSink,
  dockerArchiveSize,
  ImageError,
  type LayerCompression,
  type OnProgress,
  type OutputImage,
  writeDockerArchive,
  writeOciArchive,
  writeOciLayout,
  type WrittenImage,
} from "@wharf/image";

import { replaceLayout } from "./replace-layout.ts";
import { outputFile } from "./output-file.ts";
import {
  type DockerArchiveReference,
  type EngineReference,
  formatReference,
  type OciArchiveReference,
  type OciReference,
  type Reference,
  type RegistryReference,
} from "./reference.ts";
import { renamedImage } from "./renamed-image.ts";
import { standardOutput } from "./standard-output.ts";
import type { TransportOptions } from "./transport-options.ts";

export interface WriteDestinationOptions extends TransportOptions {
  /** For layers that are made; registries default to gzip level 6. Layers of a docker-archive are always plain. */
  readonly compression?: LayerCompression | undefined;
  /** Where the images come from: a registry can take over layers of a neighbouring repository. */
  readonly source?: Reference | undefined;
}

/** What was written. */
export interface WrittenDestination {
  readonly images: readonly WrittenImage[];
  /** What the engine says it has loaded; empty for other destinations. */
  readonly loaded: readonly string[];
}

// Clients of engines and registries are imported where they are needed: from file to file the command starts faster.

/**
 * Writes images to where a reference says. A name in the reference replaces the names of the image. Nothing half-made
 * stays: a file or folder appears under its name when it is complete, an engine or registry gets a name last.
 *
 * @throws {ImageError} when the images cannot be written as asked, or their input turns out to be damaged
 * @throws {TransportError} when the destination cannot be written, reached or refuses
 */
export async function writeDestination(
  reference: Reference,
  images: readonly OutputImage[],
  options: WriteDestinationOptions = {},
): Promise<WrittenDestination> {
  options.signal?.throwIfAborted();
  switch (reference.transport) {
    case "docker-archive":
    case "oci-archive":
      return await writeArchive(reference, images, options);
    case "stdio":
      return await writeArchive(
        { transport: "docker-archive", path: "-", name: undefined },
        images,
        options,
      );
    case "path":
      return reference.kind === "folder"
        ? await writeLayout(
            { transport: "oci", path: reference.path, name: undefined },
            images,
            options,
          )
        : await writeArchive(
            { transport: "docker-archive", path: reference.path, name: undefined },
            images,
            options,
          );
    case "oci":
      return await writeLayout(reference, images, options);
    case "docker-daemon":
      return await writeEngine(reference, images, options);
    case "docker":
      return await writeRegistry(reference, images, options);
  }
}

async function writeArchive(
  reference: DockerArchiveReference | OciArchiveReference,
  images: readonly OutputImage[],
  options: WriteDestinationOptions,
): Promise<WrittenDestination> {
  const { path, transport } = reference;
  const named = withName(images, reference);
  const write = async (sink: ByteSink) =>
    transport === "docker-archive"
      ? await writeDockerArchive(named, sink, options)
      : await writeOciArchive(named, sink, options);
  const written = path === "-" ? await standardOutput(write) : await outputFile(path, write);
  return { images: written.images, loaded: [] };
}

async function writeLayout(
  reference: OciReference,
  images: readonly OutputImage[],
  options: WriteDestinationOptions,
): Promise<WrittenDestination> {
  const named = withName(images, reference);
  const write = (folder: string) => writeOciLayout(named, folder, options);
  const written = await replaceLayout(reference.path, write);
  return { images: written.images, loaded: [] };
}

async function writeEngine(
  reference: EngineReference,
  images: readonly OutputImage[],
  options: WriteDestinationOptions,
): Promise<WrittenDestination> {
  const { env = process.env, signal, onProgress } = options;
  if (/@|^(?:sha256:)?[0-9a-f]{64}$/.test(reference.name)) {
    throw new ImageError(
      "invalid-request",
      `cannot write to ${formatReference(reference)}: its content is not known`,
      {
        hint: "give a name and a tag: docker-daemon:name:tag",
      },
    );
  }
  const named = withName(images, reference);
  const { Engine } = await import("../engine-client/engine.ts");
  const { loadImage } = await import("../engine-client/load-image.ts");
  using engine = await Engine.connect(env, signal);
  let written: readonly WrittenImage[] = [];
  const writeTo = async (sink: ByteSink): Promise<void> => {
    const told = onProgress && asLoad(onProgress);
    ({ images: written } = await writeDockerArchive(named, sink, { signal, onProgress: told }));
  };
  const loaded = await loadImage(engine, { size: dockerArchiveSize(named), writeTo }, { signal });
  return { images: written, loaded };
}

async function writeRegistry(
  reference: RegistryReference,
  images: readonly OutputImage[],
  options: WriteDestinationOptions,
): Promise<WrittenDestination> {
  const { env = process.env, signal, insecure, source, compression, onProgress } = options;
  const { host, repository, tag } = reference;
  if (tag === undefined) {
    throw new ImageError(
      "invalid-request",
      `cannot write to ${formatReference(reference)}: its content is not known`,
      {
        hint: "name a tag instead of a digest",
      },
    );
  }
  const { pushImages } = await import("../registry-client/push-image.ts");
  const { RegistryClient } = await import("../registry-client/registry-client.ts");
  const isNeighbour =
    source?.transport === "docker" && source.host === host && source.repository !== repository;
  using client = await RegistryClient.open(host, repository, { env, signal, insecure });
  const written = await pushImages(client, images, {
    tags: [tag],
    compression,
    onProgress,
    mountFrom: isNeighbour ? source.repository : undefined,
  });
  return { images: written, loaded: [] };
}

function withName(
  images: readonly OutputImage[],
  reference: DockerArchiveReference | OciArchiveReference | OciReference | EngineReference,
): readonly OutputImage[] {
  const { name, transport } = reference;
  if (name === undefined) return images;
  const onePlatform = transport === "docker-archive" || transport === "docker-daemon";
  if (images.length > 1 && onePlatform) {
    throw new ImageError("invalid-request", `${images.length} images cannot all be named ${name}`, {
      hint: "choose one with its name or --platform",
    });
  }
  return images.map((image) => renamedImage(image, [name]));
}

function asLoad(onProgress: OnProgress): OnProgress {
  return (event) => onProgress(event.phase === "write" ? { ...event, phase: "load" } : event);
}
