import type { Digest } from "../document/digest.ts";
import { hexOf } from "../document/digest.ts";
import { isTaggedName } from "../document/image-name.ts";

/** One image in `manifest.json` (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format"). */
export interface ManifestEntry {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

/**
 * @param names of the image; only those with a tag can stand here
 * @param layers names of the layer files, lowest first
 */
export function manifestEntry(
  names: readonly string[],
  config: Digest,
  layers: readonly string[],
): ManifestEntry {
  const tags = names.filter(isTaggedName);
  return { Config: configName(config), RepoTags: tags.length === 0 ? null : tags, Layers: layers };
}

export function manifestBytes(entries: readonly ManifestEntry[]): Buffer {
  return Buffer.from(`${JSON.stringify(entries)}\n`);
}

/** As in archives of Docker itself. */
export function configName(digest: Digest): string {
  return `${hexOf(digest)}.json`;
}
