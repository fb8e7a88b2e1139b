import * as endpoints from "@wharf/contract/endpoints";
import { formatPlatform } from "@wharf/image";
import type { Totals } from "@wharf/image";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, encodeCursor } from "../../api/cursor.ts";
import { compareImages } from "../compare-images.ts";
import type { NameChanges } from "../compare-configs.ts";
import type { MeasuredImage } from "../compare-layers.ts";

const cursor = z.object({ base: z.string(), head: z.string(), at: z.int().min(0) });

/** Changes of a page where nobody says how many. */
const USUAL = 50;

export const compareRoutes: readonly ApiRoute[] = [
  serve(endpoints.compareManifests, async ({ context, actor, repository, query }) => {
    const comparison = await compareImages(context, actor, repository, {
      base: query.base,
      head: query.head,
      baseRepository: query.base_repository,
      platform: query.platform,
      kind: query.kind,
      limit: query.limit ?? USUAL,
      page: decodeCursor(query.next_page, cursor),
    });
    const { base, head, config, summary, next } = comparison;
    return {
      base: side(base, query.base, summary.base),
      head: side(head, query.head, summary.head),
      same_image: base.image.digest === head.image.digest,
      config: {
        env: config.env,
        labels: config.labels,
        exposed_ports: names(config.exposedPorts),
        volumes: names(config.volumes),
        entrypoint: config.entrypoint,
        cmd: config.cmd,
        user: config.user,
        working_dir: config.workingDir,
        stop_signal: config.stopSignal,
      },
      layers: comparison.layers.map((layer) => ({
        status: layer.status,
        digest: layer.digest,
        compressed_size: layer.compressedSize,
        size: layer.size,
        command: layer.command ?? null,
        base_index: layer.baseIndex ?? null,
        head_index: layer.headIndex ?? null,
      })),
      summary: {
        added: summary.added,
        removed: summary.removed,
        changed: summary.changed,
        bytes_difference: summary.head.bytes - summary.base.bytes,
        differing: summary.differing,
      },
      files: comparison.files.map((file) => ({
        path: file.path,
        kind: file.kind,
        type: file.type,
        base_size: file.baseSize,
        head_size: file.headSize,
        changes: [...file.differences],
      })),
      files_truncated: comparison.isTruncated,
      ...(next === undefined ? {} : { next_page: encodeCursor(next) }),
    };
  }),
];

function names({ added, removed }: NameChanges) {
  return { added: [...added], removed: [...removed] };
}

function side({ image, facts, sizes }: MeasuredImage, reference: string, files: Totals) {
  const compressed = image.layers.reduce((sum, { size }) => sum + size, image.config.length);
  return {
    repository: image.repository.name,
    reference,
    manifest_digest: image.digest,
    platform: formatPlatform(image.platform),
    created: facts?.created === undefined ? null : new Date(facts.created).toISOString(),
    layers: image.layers.length,
    compressed_size: compressed,
    size: sizes.reduce((sum, size) => sum + size, 0),
    files: files.count,
    file_bytes: files.bytes,
  };
}
