import type { Digest } from "@wharf/image";

import { indexKey } from "../storage/object-keys.ts";
import type { CollectionRun } from "./collection-run.ts";
import { forEachObject } from "./for-each-object.ts";
import type { Garbage } from "./garbage.ts";
import type { Loss } from "./loss-store.ts";
import { pages } from "./pages.ts";
import {
  deleteLayerIndexes,
  findLayerIndexes,
  scanLayerIndexes,
} from "./stale-layer-index-store.ts";
import type { LayerIndexRow, ScannedLayerIndex } from "./stale-layer-index-store.ts";

interface StaleIndex extends LayerIndexRow {
  /** Of the object. */
  readonly bytes: number;
}

/** Indexes of layers that are no longer stored. */
export const staleLayerIndexes: Garbage<StaleIndex> = {
  kind: "layerIndexes",

  async *find(run) {
    const { leaseSince } = run.limits;
    const { read } = run.database;
    for await (const page of pages<ScannedLayerIndex>(run, (last) =>
      scanLayerIndexes(read, leaseSince, last),
    )) {
      yield await withBytes(
        run,
        page.filter(({ isStale }) => isStale !== 0),
      );
    }
    const { losses } = run.scratch;
    for await (const page of pages<Loss>(run, async (last) => losses.page("content", last))) {
      const digests = page.map(({ digest }) => digest);
      yield await withBytes(run, await findLayerIndexes(read, digests, leaseSince));
    }
  },

  async take(run, indexes) {
    const digests = indexes.map(({ digest }) => digest);
    const deleted = await run.write((trx) =>
      deleteLayerIndexes(trx, digests, run.limits.leaseSince),
    );
    // A crash in between leaves objects without rows, which a later run finds.
    return await forEachObject(
      indexes.filter(({ digest }) => deleted.has(digest)),
      async (index) => {
        if (index.state === "ready") await run.store.delete(keyOf(index));
        return true;
      },
      ({ digest }, error) => run.failed("layerIndexes", digest, error),
    );
  },

  describe: ({ digest, bytes }) => ({ kind: "layerIndexes", digest, bytes }),
};

async function withBytes(
  run: CollectionRun,
  rows: readonly LayerIndexRow[],
): Promise<readonly StaleIndex[]> {
  const indexes: StaleIndex[] = [];
  await forEachObject(
    rows,
    async (row) => {
      const bytes = row.state === "ready" ? await run.store.stat(keyOf(row)) : 0;
      return indexes.push({ ...row, bytes: bytes ?? 0 }) > 0;
    },
    ({ digest }, error) => run.failed("layerIndexes", digest, error),
  );
  return indexes;
}

function keyOf({ digest, version }: LayerIndexRow): string {
  return indexKey(digest as Digest, version); // only digests are ever stored
}
