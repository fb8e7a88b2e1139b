import type { Digest, Image, LayerReport, SquashReport } from "@wharf/image";

import { formatReference } from "../transports/reference.ts";
import type { Reference } from "../transports/reference.ts";
import type { Inspected } from "./inspect.ts";

/** What `wharf inspect --json` prints. Fields may be added; none changes its meaning or goes away. */
export interface InspectDocument {
  readonly schemaVersion: 1;
  readonly source: string;
  readonly images: readonly InspectedEntry[];
}

interface InspectedEntry {
  readonly names: readonly string[];
  readonly platform: Image["platform"];
  readonly configDigest: Digest;
  readonly manifestDigest: Digest | null;
  /** Uncompressed bytes of all layers. */
  readonly bytes: number;
  /** Bytes that a squash of everything would leave. */
  readonly squashedBytes: number;
  readonly layers: readonly (LayerReport & {
    readonly diffId: Digest | null;
    readonly mediaType: string;
  })[];
  readonly deadWeight: SquashReport["deadWeight"];
  readonly warnings: SquashReport["warnings"];
}

export function inspectDocument(
  source: Reference,
  inspected: readonly Inspected[],
): InspectDocument {
  return { schemaVersion: 1, source: formatReference(source), images: inspected.map(entryOf) };
}

function entryOf({ image, report }: Inspected): InspectedEntry {
  return {
    names: image.names,
    platform: image.platform,
    configDigest: image.configDigest,
    manifestDigest: image.manifestDigest ?? null,
    bytes: report.bytesBefore,
    squashedBytes: report.bytesAfter,
    layers: image.layers.flatMap(({ diffId, mediaType }, index) => {
      const layer = report.layers[index];
      return layer === undefined ? [] : [{ ...layer, diffId: diffId ?? null, mediaType }];
    }),
    deadWeight: report.deadWeight,
    warnings: report.warnings,
  };
}
