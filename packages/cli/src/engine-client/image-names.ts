import type { Engine } from "./engine.ts";

/** Bytes of the list of images that are read. */
const LIST_BYTES = 16 * 2 ** 20;

/**
 * The names of all images of the engine, such as `python:2.7`; images without a name are left out.
 *
 * @throws {TransportError} when the engine fails
 */
export async function imageNames(engine: Engine, signal?: AbortSignal): Promise<string[]> {
  const list = await engine.json("/images/json", LIST_BYTES, signal);
  if (!Array.isArray(list)) return [];
  return list
    .flatMap((image: unknown): unknown =>
      typeof image === "object" && image !== null ? Reflect.get(image, "RepoTags") : [],
    )
    .filter((name) => typeof name === "string")
    .filter((name) => name !== "<none>:<none>");
}
