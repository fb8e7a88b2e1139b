import type { Digest, Image, SquashedImage, SquashReport, WrittenImage } from "@wharf/image";

import { formatReference } from "../transports/reference.ts";
import type { Reference } from "../transports/reference.ts";

/** An image with what became of it. */
export interface Squashed {
  readonly image: Image;
  readonly output: SquashedImage;
  /** Number of the last layer that is squashed. */
  readonly to: number;
}

/** What `wharf squash --json` prints. Fields may be added; none changes its meaning or goes away. */
export interface SquashDocument {
  readonly schemaVersion: 1;
  readonly source: string;
  readonly destination: string;
  /** True for `--dry-run`. */
  readonly dryRun: boolean;
  readonly images: readonly SquashedEntry[];
}

interface SquashedEntry {
  /** Names of the result. */
  readonly names: readonly string[];
  readonly platform: Image["platform"];
  /** Config and manifest of the source. */
  readonly sourceConfigDigest: Digest;
  readonly sourceManifestDigest: Digest | null;
  readonly report: SquashReport;
  /** Digests and sizes of the result; null for `--dry-run`. */
  readonly written: {
    readonly configDigest: Digest;
    readonly manifestDigest: Digest | null;
    readonly layers: WrittenImage["layers"];
  } | null;
}

/** @param written what was written, in the order of the results; undefined when nothing was */
export function squashDocument(
  source: Reference,
  destination: Reference,
  results: readonly Squashed[],
  written?: readonly WrittenImage[],
): SquashDocument {
  return {
    schemaVersion: 1,
    source: formatReference(source),
    destination: formatReference(destination),
    dryRun: written === undefined,
    images: results.map(({ image, output }, index) => ({
      names: written?.[index]?.names ?? output.names,
      platform: image.platform,
      sourceConfigDigest: image.configDigest,
      sourceManifestDigest: image.manifestDigest ?? null,
      report: output.report,
      written: writtenEntry(written?.[index]),
    })),
  };
}

function writtenEntry(written: WrittenImage | undefined): SquashedEntry["written"] {
  if (written === undefined) return null;
  const { configDigest, manifestDigest, layers } = written;
  return { configDigest, manifestDigest: manifestDigest ?? null, layers };
}
