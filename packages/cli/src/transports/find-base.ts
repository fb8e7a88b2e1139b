import {
  type BaseImage,
  DEFAULT_LIMITS,
  formatPlatform,
  ImageError,
  type Platform,
} from "@wharf/image";

import { type ImageName, parseImageName } from "./image-name.ts";
import type { EngineReference, Reference, RegistryReference } from "./reference.ts";
import type { TransportOptions } from "./transport-options.ts";

/**
 * Looks for the image that `-from` names where the source comes from: in the same engine, or in a registry (a tag alone
 * is one of the source's repository, a name without host one of the source's registry). Only its description is read.
 *
 * @returns undefined when the source is no such place, the text is no name, or there is no such image
 * @throws {TransportError} when engine or registry cannot be reached or refuse
 */
export async function findBase(
  source: Reference,
  from: string,
  platform: Platform,
  options: TransportOptions,
): Promise<BaseImage | undefined> {
  if (source.transport === "docker-daemon") return await findInEngine(source, from, options);
  if (source.transport === "docker") return await findInRegistry(source, from, platform, options);
  return undefined;
}

async function findInEngine(
  _source: EngineReference,
  from: string,
  { env = process.env, signal }: TransportOptions,
): Promise<BaseImage | undefined> {
  const { Engine } = await import("../engine-client/engine.ts");
  const { inspectImage } = await import("../engine-client/inspect-image.ts");
  using engine = await Engine.connect(env, signal);
  return await inspectImage(engine, from, signal);
}

async function findInRegistry(
  source: RegistryReference,
  from: string,
  platform: Platform,
  { env = process.env, signal, insecure, limits = DEFAULT_LIMITS }: TransportOptions,
): Promise<BaseImage | undefined> {
  const name = nameIn(source, from);
  if (name === undefined) return undefined;
  const { fetchImageDocuments } = await import("../registry-client/fetch-image-documents.ts");
  const { RegistryClient } = await import("../registry-client/registry-client.ts");
  const { host, repository, tag = "latest", digest } = name;
  using client = await RegistryClient.open(host, repository, { env, signal, insecure });
  try {
    const wanted = formatPlatform(platform);
    const [found] = await fetchImageDocuments(client, digest ?? tag, wanted, limits);
    if (found === undefined) return undefined;
    const { manifest, manifestDigest, config } = found;
    return {
      names: [from],
      configDigest: manifest.config.digest,
      manifestDigest,
      platform: config.platform,
      layers: config.diffIds.map((diffId) => ({ diffId })),
    };
  } catch (error) {
    if (error instanceof ImageError && error.code === "not-found") return undefined;
    throw error;
  }
}

/** A tag alone, a name in the same registry, or a whole name. */
function nameIn({ host, repository }: RegistryReference, from: string): ImageName | undefined {
  const text = from.replace(/^docker:\/\//, "");
  const first = text.split("/", 1)[0] ?? "";
  const isTag = !/[/:@]/.test(text);
  const hasHost = text !== from || (text.includes("/") && /[.:]|^localhost$/.test(first));
  try {
    return parseImageName(
      isTag ? `${host}/${repository}:${text}` : hasHost ? text : `${host}/${text}`,
    );
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}
