import { type BaseImage, ImageError, JsonObject, parseDigest } from "@wharf/image";

import type { Engine } from "./engine.ts";

/** Bytes of the JSON description of an image. */
const INSPECT_BYTES = 8 * 2 ** 20;

/**
 * What an engine says of an image: enough to find it below another one. Nothing is exported for it.
 *
 * @returns undefined when the engine has no such image
 * @throws {TransportError} when the engine fails, {ImageError} `damaged` when its answer makes no sense
 */
export async function inspectImage(
  engine: Engine,
  name: string,
  signal?: AbortSignal,
): Promise<BaseImage | undefined> {
  const path = `/images/${name.split("/").map(encodeURIComponent).join("/")}/json`;
  let answer: unknown;
  try {
    answer = await engine.json(path, INSPECT_BYTES, signal);
  } catch (error) {
    if (error instanceof ImageError && error.code === "not-found") return undefined;
    throw error;
  }
  const image = new JsonObject(answer, `the engine's description of ${name}`);
  return {
    names: [name],
    configDigest: image.digest("Id"),
    manifestDigest: undefined,
    platform: {
      os: image.string("Os") ?? "linux",
      architecture: image.string("Architecture") ?? "amd64",
    },
    layers: image
      .requiredObject("RootFS")
      .strings("Layers")
      .map((layer) => ({ diffId: parseDigest(layer) })),
  };
}
