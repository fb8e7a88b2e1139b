import type { Digest } from "../document/digest.ts";
import { hexOf } from "../document/digest.ts";
import { isTaggedName } from "../document/image-name.ts";
import type { OutputImage } from "../squash/output-image.ts";
import type { LayerFile } from "./docker-layer-files.ts";

/** One image in `manifest.json` (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format"). */
export interface ManifestEntry {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

export function manifestEntry(
  image: OutputImage,
  config: Digest,
  files: readonly LayerFile[],
): ManifestEntry {
  const nameOf = new Map(
    files.flatMap(({ name, twins }) => [...twins].map((twin) => [twin, name])),
  );
  const tags = image.names.filter(isTaggedName);
  return {
    Config: configName(config),
    RepoTags: tags.length === 0 ? null : tags,
    Layers: image.layers.map((layer) => nameOf.get(layer) ?? ""),
  };
}

export function manifestBytes(entries: readonly ManifestEntry[]): Buffer {
  return Buffer.from(`${JSON.stringify(entries)}\n`);
}

/** As in archives of Docker itself. */
export function configName(digest: Digest): string {
  return `${hexOf(digest)}.json`;
}
