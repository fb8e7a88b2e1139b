import { compressionOf } from "../compression/compression.ts";
import { digestOf } from "../document/digest.ts";
import { configPlatform } from "../document/image-config.ts";
import { ImageError } from "../image-error.ts";
import { familiarImageName } from "../document/image-name.ts";
import type { Image, ImageLayer } from "../image.ts";
import { JsonObject } from "../document/json-object.ts";
import type { Limits } from "../limits.ts";
import { dockerLayerType } from "../document/media-types.ts";
import { quote } from "../document/quote.ts";
import { missingLayer } from "./missing-layer.ts";
import type { FoundImages } from "./read-images.ts";
import type { TarDirectory } from "./tar-directory.ts";
import { configFromV1 } from "./v1-config.ts";
import { V1Layers } from "./v1-layers.ts";
import type { V1Layer } from "./v1-layers.ts";

/** Layers of all images together; images share most of theirs. */
const MAX_LAYERS = 100_000;

/**
 * Reads a docker-archive of Docker 1.6 to 1.9: a folder for each layer with `json`, `VERSION` and `layer.tar`, linked
 * by `parent`, and a file `repositories` with the names. Nothing names diffIDs there.
 *
 * @returns `undefined` when the archive has no such layer
 */
export async function readV1Layout(
  files: TarDirectory,
  limits: Limits,
): Promise<FoundImages | undefined> {
  const layers = new V1Layers(files, limits);
  const tops = await findTops(files, layers, limits);
  if (tops.size === 0) return undefined;
  const images: Image[] = [];
  const refused: ImageError[] = [];
  let total = 0;
  for (const [id, names] of tops) {
    const chain = await layers.chain(id);
    total += chain.length;
    if (total > MAX_LAYERS)
      throw new ImageError(
        "limit",
        `the images of the archive have more than ${MAX_LAYERS} layers`,
      );
    try {
      images.push(await makeImage(files, chain, names));
    } catch (error) {
      if (!(error instanceof ImageError) || error.code !== "unsupported") throw error;
      refused.push(error);
    }
  }
  return { images, refused };
}

/** The top layers and their names. Without `repositories` (saved by id) it is those that are no parent. */
async function findTops(
  files: TarDirectory,
  layers: V1Layers,
  limits: Limits,
): Promise<Map<string, string[]>> {
  const tops = new Map<string, string[]>();
  const bytes = await files.read("repositories", limits.jsonBytes);
  const repositories =
    bytes === undefined ? undefined : JsonObject.parse(bytes, "repositories", limits);
  for (const name of Object.keys(repositories?.fields ?? {})) {
    for (const [tag, id] of Object.entries(repositories?.stringMap(name) ?? {})) {
      const names = tops.get(id) ?? [];
      names.push(familiarImageName(`${name}:${tag}`));
      tops.set(id, names);
    }
  }
  if (tops.size > 0) return tops;
  const ids = [...files.names()].flatMap((name) => /^([^/]+)\/json$/.exec(name)?.[1] ?? []);
  const parents = new Set<string | undefined>();
  for (const id of ids) parents.add((await layers.get(id)).parent);
  return new Map(ids.filter((id) => !parents.has(id)).map((id) => [id, []]));
}

async function makeImage(
  files: TarDirectory,
  chain: readonly V1Layer[],
  names: readonly string[],
): Promise<Image> {
  const config = configFromV1(chain.map(({ json }) => json));
  const platform = configPlatform(new JsonObject(config, `the image ${chain.at(-1)?.id ?? ""}`));
  const bytes = Buffer.from(JSON.stringify(config));
  const layers: ImageLayer[] = [];
  for (const [index, { id }] of chain.entries()) {
    const name = `${id}/layer.tar`;
    const blob = await files.find(name);
    layers.push({
      blob:
        blob ??
        missingLayer({ number: index + 1, name: quote(name), where: files.what }, undefined),
      mediaType: dockerLayerType(blob === undefined ? "none" : await compressionOf(blob)),
      digest: undefined,
      diffId: undefined,
      v1Id: id,
    });
  }
  return {
    names,
    config: bytes,
    configDigest: digestOf(bytes),
    manifestDigest: undefined,
    platform,
    layers,
  };
}
