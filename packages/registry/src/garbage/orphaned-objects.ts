import type { ObjectEntry } from "../storage/blob-store.ts";
import { BLOBS, INDEXES } from "../storage/object-keys.ts";
import { readBlobKey, readIndexKey } from "../storage/read-object-key.ts";
import { batches } from "./batches.ts";
import type { CollectionRun } from "./collection-run.ts";
import { forEachObject } from "./for-each-object.ts";
import type { Garbage } from "./garbage.ts";
import { findBlobKeys, findIndexVersions } from "./orphan-store.ts";
import { PAGE } from "./pages.ts";

/** Objects of blobs that no row names, older than a push may take between object and row. */
export const orphanedBlobs: Garbage<ObjectEntry> = orphans("orphanedBlobs", BLOBS, unknownBlobs);

/** Indexes that no row names, such as those of a version that is not used any more. */
export const orphanedIndexes: Garbage<ObjectEntry> = orphans(
  "orphanedIndexes",
  INDEXES,
  unknownIndexes,
);

/** @param unknown picks those of some objects that no row names now */
function orphans(
  kind: "orphanedBlobs" | "orphanedIndexes",
  prefix: string,
  unknown: (run: CollectionRun, objects: readonly ObjectEntry[]) => Promise<readonly ObjectEntry[]>,
): Garbage<ObjectEntry> {
  return {
    kind,

    async *find(run) {
      const { orphanSince } = run.limits;
      const old = ({ changedAt }: ObjectEntry): boolean => changedAt < orphanSince;
      for await (const objects of batches(run, run.store.list(prefix), old, PAGE)) {
        yield await unknown(run, objects);
      }
    },

    take: (run, objects) =>
      forEachObject(
        objects,
        async (object) => {
          // Looked at again at the last moment; the rest is a matter of age.
          if ((await unknown(run, [object])).length === 0) return false;
          await run.store.delete(object.key);
          return true;
        },
        ({ key }, error) => run.failed(kind, key, error),
      ),

    describe: ({ key, size }) => ({ kind, name: key, bytes: size }),
  };
}

async function unknownBlobs(
  run: CollectionRun,
  objects: readonly ObjectEntry[],
): Promise<readonly ObjectEntry[]> {
  const digests = objects.flatMap(({ key }) => readBlobKey(key) ?? []);
  const known = await findBlobKeys(run.database.read, digests);
  return objects.filter(({ key }) => !known.has(key));
}

async function unknownIndexes(
  run: CollectionRun,
  objects: readonly ObjectEntry[],
): Promise<readonly ObjectEntry[]> {
  const digests = objects.flatMap(({ key }) => readIndexKey(key)?.digest ?? []);
  const known = await findIndexVersions(run.database.read, digests);
  return objects.filter(({ key }) => {
    const index = readIndexKey(key);
    return index === undefined || known.get(index.digest) !== index.version;
  });
}
