import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, encodeCursor } from "../../api/cursor.ts";
import { findByReference } from "../../repositories/manifests/find-by-reference.ts";
import { listImageFolder } from "../list-image-folder.ts";

const cursor = z.object({ digest: z.string(), at: z.int().min(0) });

/** Entries of a page where nobody says how many. */
const USUAL = 100;

export const fileRoutes: readonly ApiRoute[] = [
  serve(endpoints.listManifestFiles, async ({ context, actor, repository, path, query }) => {
    const page = decodeCursor(query.next_page, cursor);
    const reference = page?.digest ?? path.manifestref;
    const manifest = await findByReference(context, repository, reference);
    const limit = query.limit ?? USUAL;
    const from = page?.at ?? 0;
    const { image, entries, total } = await listImageFolder(context, actor, repository, {
      manifest,
      platform: page === undefined ? query.platform : undefined,
      path: query.path ?? "",
      from,
      limit,
    });
    const next = from + entries.length;
    return {
      path: query.path ?? "",
      manifest_digest: image.digest,
      entries: entries.map((entry) => ({
        name: entry.name,
        type: entry.type,
        size: entry.size,
        mode: entry.mode === undefined ? null : entry.mode.toString(8).padStart(4, "0"),
        uid: entry.uid ?? null,
        gid: entry.gid ?? null,
        modified: timeOf(entry.mtime),
        target: entry.target ?? null,
        layer: entry.layer,
        layer_digest: image.layers[entry.layer]?.digest ?? "",
      })),
      ...(next < total ? { next_page: encodeCursor({ digest: image.digest, at: next }) } : {}),
    };
  }),
];

/** A header may say a time that no calendar has. */
function timeOf(seconds: string | undefined): string | null {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? null : plain(time.toISOString());
}

/** Years that need a sign are no RFC 3339. */
function plain(time: string): string | null {
  return /^\d{4}-/.test(time) ? time : null;
}
