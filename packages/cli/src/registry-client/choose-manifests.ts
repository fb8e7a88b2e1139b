import {
  type Descriptor,
  formatPlatform,
  hostPlatform,
  ImageError,
  type ImageIndex,
  type ImageManifest,
  isAttestation,
  isImageConfigType,
  isIndexType,
  type Limits,
  parseManifest,
  parsePlatform,
  type Platform,
  platformFit,
} from "@wharf/image";

import { fetchConfig } from "./fetch-config.ts";
import { fetchManifest } from "./fetch-manifest.ts";
import type { RegistryClient } from "./registry-client.ts";

/** Indexes within indexes. */
const DEPTH = 4;
/** Documents that are fetched to learn what an index holds. */
const MOST_DOCUMENTS = 64;

/** A manifest of an index whose platform is known. */
interface Candidate {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
}

/**
 * Picks the manifests of an index that are to be pulled, indexes within it included. Attestations, artifacts and
 * Windows images are left out.
 *
 * @param wanted `os/architecture[/variant]`, `all`, or undefined for what runs on this machine
 * @throws {ImageError} `not-found` that lists the platforms there are
 */
export async function chooseManifests(
  client: RegistryClient,
  index: ImageIndex,
  wanted: string | undefined,
  limits: Limits,
): Promise<Descriptor[]> {
  const survey = new Survey(client, limits);
  await survey.add(index, 1);
  const { candidates } = survey;
  if (wanted === "all" && candidates.length > 0)
    return candidates.map(({ descriptor }) => descriptor);
  const platform =
    wanted === undefined || wanted === "all" ? hostPlatform() : parsePlatform(wanted);
  const [best] = candidates
    .map(({ descriptor, platform: have }) => ({ descriptor, fit: platformFit(platform, have) }))
    .filter(({ fit }) => fit > 0)
    .toSorted((a, b) => b.fit - a.fit); // stable: of equals the first, as engines choose
  if (best !== undefined) return [best.descriptor];
  const there = [
    ...new Set(candidates.map((candidate) => formatPlatform(candidate.platform))),
  ].slice(0, 20);
  throw new ImageError(
    "not-found",
    `${client.host}/${client.repository} has no image for ${formatPlatform(platform)}`,
    {
      hint:
        there.length > 0
          ? `choose with --platform: ${there.join(", ")}`
          : "it holds no container image for Linux",
    },
  );
}

/** Collects what an index holds. */
class Survey {
  readonly candidates: Candidate[] = [];
  readonly #client: RegistryClient;
  readonly #limits: Limits;
  #documents = 0;

  constructor(client: RegistryClient, limits: Limits) {
    this.#client = client;
    this.#limits = limits;
  }

  async add(index: ImageIndex, depth: number): Promise<void> {
    if (depth > DEPTH)
      throw new ImageError("limit", `indexes are nested deeper than ${DEPTH} levels`);
    for (const descriptor of index.manifests) {
      if (isAttestation(descriptor)) continue;
      if (isIndexType(descriptor.mediaType)) {
        const inner = await this.#fetch(descriptor);
        if (inner.kind === "index") await this.add(inner, depth + 1);
        continue;
      }
      const platform = complete(descriptor.platform) ?? (await this.#askConfig(descriptor));
      if (platform !== undefined && platform.os !== "windows")
        this.candidates.push({ descriptor, platform });
    }
  }

  /** Indexes made by hand often name no platform; the config does. */
  async #askConfig(descriptor: Descriptor): Promise<Platform | undefined> {
    const manifest = await this.#fetch(descriptor);
    if (manifest.kind === "index" || !isImageConfigType(manifest.config.mediaType))
      return undefined;
    const { platform } = await fetchConfig(this.#client, manifest.config, this.#limits);
    return platform;
  }

  async #fetch({ digest }: Descriptor): Promise<ImageManifest | ImageIndex> {
    if (++this.#documents > MOST_DOCUMENTS) {
      throw new ImageError(
        "limit",
        `an index of ${this.#client.repository} leads to more than ${MOST_DOCUMENTS} documents`,
      );
    }
    const { bytes } = await fetchManifest(this.#client, digest, this.#limits);
    return parseManifest(bytes, `the manifest ${digest}`, this.#limits);
  }
}

function complete(platform: Partial<Platform> | undefined): Platform | undefined {
  const { os, architecture } = platform ?? {};
  return os === undefined || architecture === undefined
    ? undefined
    : { ...platform, os, architecture };
}
