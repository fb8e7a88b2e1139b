import { openImageFile, openImagePath, openImageStream } from "@wharf/image";
import type { ImageSource } from "@wharf/image";

import type { EngineReference, Reference, RegistryReference } from "./reference.ts";
import { standardInput } from "./standard-input.ts";
import type { TransportOptions } from "./transport-options.ts";

export interface OpenSourceOptions extends TransportOptions {
  /**
   * What to pull from a registry that has several: `os/architecture[/variant]`, `all`, default the platform of this
   * machine. Other sources are opened whole.
   */
  readonly platform?: string | undefined;
}

// Clients of engines and registries are imported where they are needed: from file to file the command starts faster.

/**
 * Opens the image or images behind a reference.
 *
 * @returns a source that must be closed; which of its images is meant is the caller's to choose (`wantedName`)
 * @throws {ImageError} when nothing is there, or it is damaged or of a kind that is not read
 * @throws {TransportError} when the engine or registry cannot be reached or refuses
 */
export async function openSource(
  reference: Reference,
  options: OpenSourceOptions = {},
): Promise<ImageSource> {
  options.signal?.throwIfAborted();
  switch (reference.transport) {
    case "docker-archive":
    case "oci-archive":
      return reference.path === "-"
        ? await openStandardInput(options)
        : await openImagePath(reference.path, options);
    case "oci":
    case "path":
      return await openImagePath(reference.path, options);
    case "stdio":
      return await openStandardInput(options);
    case "docker-daemon":
      return await openEngineImage(reference, options);
    case "docker":
      return await openRegistryImage(reference, options);
  }
}

async function openStandardInput(options: OpenSourceOptions): Promise<ImageSource> {
  const input = await standardInput(options.signal);
  return input === 0 ? await openImageFile(input, options) : await openImageStream(input, options);
}

async function openEngineImage(
  { name }: EngineReference,
  options: OpenSourceOptions,
): Promise<ImageSource> {
  const { Engine } = await import("../engine-client/engine.ts");
  const { exportImage } = await import("../engine-client/export-image.ts");
  const { env = process.env, signal } = options;
  using engine = await Engine.connect(env, signal);
  return await openImageStream(exportImage(engine, name, { signal }), options);
}

async function openRegistryImage(
  reference: RegistryReference,
  options: OpenSourceOptions,
): Promise<ImageSource> {
  const { pullImage } = await import("../registry-client/pull-image.ts");
  const { RegistryClient } = await import("../registry-client/registry-client.ts");
  const { env = process.env, signal, insecure } = options;
  using client = await RegistryClient.open(reference.host, reference.repository, {
    env,
    signal,
    insecure,
  });
  return await pullImage(client, reference, options);
}
