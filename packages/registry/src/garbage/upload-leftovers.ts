import type { BlobStore } from "../storage/blob-store.ts";
import { batches } from "./batches.ts";
import type { CollectionRun } from "./collection-run.ts";
import { forEachObject } from "./for-each-object.ts";
import type { Garbage } from "./garbage.ts";
import { PAGE } from "./pages.ts";
import { findUploadsWithBytes } from "./stale-upload-store.ts";

type Leftover =
  ReturnType<BlobStore["listUploads"]> extends AsyncIterable<infer Entry> ? Entry : never;

/** What uploads have left in the blob store, and no session tells of. */
export const uploadLeftovers: Garbage<Leftover> = {
  kind: "uploadLeftovers",

  async *find(run) {
    const before = Math.min(run.limits.uploadSince, run.limits.orphanSince);
    const old = (entry: Leftover): boolean => entry.changedAt < before;
    for await (const entries of batches(run, run.store.listUploads(), old, PAGE)) {
      yield await withoutSession(run, entries);
    }
  },

  take: (run, entries) =>
    forEachObject(
      entries,
      async (entry) => {
        if ((await withoutSession(run, [entry])).length === 0) return false;
        await run.store.discardUpload(entry.id, undefined);
        return true;
      },
      ({ id }, error) => run.failed("uploadLeftovers", id, error),
    ),

  describe: ({ id, bytes }) => ({ kind: "uploadLeftovers", name: id, bytes }),
};

async function withoutSession(
  run: CollectionRun,
  entries: readonly Leftover[],
): Promise<readonly Leftover[]> {
  const ids = entries.map(({ id }) => id);
  const needed = await findUploadsWithBytes(run.database.read, ids);
  return entries.filter(({ id }) => !needed.has(id));
}
