import { cleanPath } from "../flatten/clean-path.ts";
import { compressionOf } from "../compression/compression.ts";
import type { Digest } from "../document/digest.ts";
import { digestOf, parseDigest } from "../document/digest.ts";
import { parseImageConfig } from "../document/image-config.ts";
import { ImageError } from "../image-error.ts";
import { familiarImageName } from "../document/image-name.ts";
import type { Image, ImageLayer } from "../image.ts";
import { JsonObject } from "../document/json-object.ts";
import type { Limits } from "../limits.ts";
import { dockerLayerType } from "../document/media-types.ts";
import { parseJson } from "../document/parse-json.ts";
import { quote } from "../document/quote.ts";
import type { ArchiveFiles } from "./archive-files.ts";
import { verifyDigest } from "./blob-file.ts";
import { checkLayerCount } from "./layer-count.ts";
import { missingLayer } from "./missing-layer.ts";
import type { FoundImages } from "./read-images.ts";

/** Reads a docker-archive of Docker 1.10 and newer: `manifest.json` lists config, names and layer files of each image. */
export async function readDockerManifest(
  files: ArchiveFiles,
  limits: Limits,
): Promise<FoundImages> {
  const bytes = await files.read("manifest.json", limits.jsonBytes);
  const entries = bytes === undefined ? [] : parseJson(bytes, "manifest.json", limits);
  if (!Array.isArray(entries)) throw notAList(files);
  const images: Image[] = [];
  const refused: ImageError[] = [];
  for (const [index, entry] of entries.entries()) {
    try {
      images.push(await readEntry(files, new JsonObject(entry, `manifest.json[${index}]`), limits));
    } catch (error) {
      if (!(error instanceof ImageError) || error.code !== "unsupported") throw error;
      refused.push(error);
    }
  }
  return { images, refused };
}

async function readEntry(files: ArchiveFiles, entry: JsonObject, limits: Limits): Promise<Image> {
  const configName = entry.requiredString("Config");
  const config = await files.read(configName, limits.jsonBytes);
  if (config === undefined)
    throw new ImageError(
      "damaged",
      `the config ${quote(configName)} is missing from ${files.what}`,
    );
  const configDigest = verifiedConfigDigest(config, configName);
  const { platform, diffIds } = parseImageConfig(config, `config ${quote(configName)}`, limits);
  const layerNames = entry.strings("Layers");
  checkLayerCount(layerNames.length, diffIds.length, entry.what, limits);
  const sources = entry.object("LayerSources");
  const layers: ImageLayer[] = [];
  for (const [index, name] of layerNames.entries()) {
    const diffId = diffIds[index];
    const source = diffId === undefined ? undefined : sources?.object(diffId);
    layers.push(await readLayer(files, { number: index + 1, name, diffId, source }));
  }
  const names = [...new Set(entry.strings("RepoTags").map(familiarImageName))];
  return { names, config, configDigest, manifestDigest: undefined, platform, layers };
}

/** Most tools name the config after its digest; then the name is held to it. */
function verifiedConfigDigest(config: Buffer, name: string): Digest {
  const digest = digestOf(config);
  const [, hex] = /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/.exec(name) ?? [];
  if (hex !== undefined)
    verifyDigest(config, parseDigest(`sha256:${hex}`), `the config ${quote(name)}`);
  return digest;
}

async function readLayer(
  files: ArchiveFiles,
  layer: {
    number: number;
    name: string;
    diffId: Digest | undefined;
    source: JsonObject | undefined;
  },
): Promise<ImageLayer> {
  const blob = await files.find(layer.name);
  const name = cleanPath(layer.name);
  const [, v1Id] = /^([0-9a-f]{64})\/layer\.tar$/.exec(name) ?? [];
  return {
    blob:
      blob ??
      missingLayer(
        { number: layer.number, name: quote(name), where: files.what },
        describeSource(layer.source),
      ),
    mediaType: dockerLayerType(blob === undefined ? "none" : await compressionOf(blob)),
    digest: digestInName(name),
    diffId: layer.diffId,
    ...(v1Id === undefined ? {} : { v1Id }),
  };
}

/** `LayerSources` tells where Docker had a foreign layer from. Its digest may be that of another form, so it is not used. */
function describeSource(
  source: JsonObject | undefined,
): { mediaType: string; size: number; urls: string[] } | undefined {
  if (source === undefined) return undefined;
  return {
    mediaType: source.string("mediaType") ?? "",
    size: source.integer("size") ?? 0,
    urls: source.strings("urls"),
  };
}

/** Docker 25 and newer name layer files as blobs of an OCI layout. */
function digestInName(name: string): Digest | undefined {
  const [, algorithm, hex] = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(name) ?? [];
  return algorithm === undefined || hex === undefined
    ? undefined
    : parseDigest(`${algorithm}:${hex}`);
}

/** skopeo's `dir:` has a manifest of a registry under the same name. */
function notAList(files: ArchiveFiles): ImageError {
  return new ImageError("unsupported", `manifest.json in ${files.what} is no list of images`, {
    hint: "a folder made by skopeo's dir: transport can be turned into a layout: skopeo copy dir:FOLDER oci:FOLDER2",
  });
}
