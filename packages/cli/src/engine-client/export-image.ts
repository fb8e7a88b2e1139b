import { ImageError } from "@wharf/image";

import { nearNames } from "../transports/near-names.ts";
import type { Engine } from "./engine.ts";
import { imageNames } from "./image-names.ts";

/** Bytes of the JSON description of an image. */
const INSPECT_BYTES = 8 * 2 ** 20;

/**
 * The docker-archive of one image, as `docker save` makes it.
 *
 * @param name as in `docker-daemon:`: a name with tag or digest, or an id
 * @throws {ImageError} `not-found` with names that are alike
 * @throws {TransportError} when the engine fails or breaks off
 */
export async function* exportImage(
  engine: Engine,
  name: string,
  options: { signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const exact = await exactName(engine, name, options.signal);
  // The form with a query takes names with slashes, which the one with a path needs escaped differently per engine.
  const path = `/images/get?${new URLSearchParams({ names: exact }).toString()}`;
  const response = await engine.request({ method: "GET", path, signal: options.signal });
  yield* response.body;
}

/** What to ask for: an untagged name would save all its tags, so one that only looks like an id gets its tag. */
async function exactName(
  engine: Engine,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = `/images/${name.split("/").map(encodeURIComponent).join("/")}/json`;
  try {
    const id = idOf(await engine.json(path, INSPECT_BYTES, signal));
    const isId = id.replace(/^sha256:/, "").startsWith(name.replace(/^sha256:/, ""));
    return isId || /[:@]/.test(name.slice(name.lastIndexOf("/") + 1)) ? name : `${name}:latest`;
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== "not-found") throw error;
    const near = nearNames(name, await imageNames(engine, signal).catch(() => []));
    throw new ImageError("not-found", `no image ${name} in the engine at ${engine.address}`, {
      hint:
        near.length > 0
          ? `there is ${near.join(", ")}`
          : `pull it first, or read it from its registry: docker://${name.replace(/^sha256:.*/, "NAME")}`,
      cause: error,
    });
  }
}

function idOf(inspection: unknown): string {
  const id: unknown =
    typeof inspection === "object" && inspection !== null
      ? Reflect.get(inspection, "Id")
      : undefined;
  return typeof id === "string" ? id : "";
}
