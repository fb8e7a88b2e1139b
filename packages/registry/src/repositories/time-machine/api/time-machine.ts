import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../../api/api-route.ts";
import type { ApiRoute } from "../../../api/api-route.ts";
import { restoreToTime } from "../restore-to-time.ts";

export const timeMachineRoutes: readonly ApiRoute[] = [
  serve(endpoints.restoreTagsToTime, async ({ context, actor, repository, body, signal }) => {
    const { at, tags, delete_newer: deleteNewer = false, preview: isPreview = false } = body;
    const journey = { at, tags, deleteNewer, isPreview };
    const { administration } = context.accounts;
    const report = await restoreToTime(administration, actor, repository, journey, signal);
    const { counts, changes, windowStart, isTruncated } = report;
    return {
      at: new Date(at).toISOString(),
      window_start: new Date(windowStart).toISOString(),
      applied: !isPreview,
      moved: counts.move,
      restored: counts.restore,
      deleted: counts.delete,
      skipped: counts.skip,
      unchanged: counts.unchanged,
      changes: changes.map(({ expiresAt, ...change }) => ({
        ...change,
        ...(expiresAt === undefined ? {} : { expiration: new Date(expiresAt).toISOString() }),
      })),
      truncated: isTruncated,
    };
  }),
];
