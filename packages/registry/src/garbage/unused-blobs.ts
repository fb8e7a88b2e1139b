import type { CollectedItem } from "./collection-report.ts";
import type { CollectionRun } from "./collection-run.ts";
import { forEachObject } from "./for-each-object.ts";
import type { Garbage } from "./garbage.ts";
import type { Loss } from "./loss-store.ts";
import { pages } from "./pages.ts";
import {
  countReferences,
  findGivenUp,
  forgetBlobs,
  giveUpBlobs,
  scanBlobs,
} from "./unused-blob-store.ts";
import type { BlobRow, ScannedBlob } from "./unused-blob-store.ts";

/** Blobs that neither a repository nor a squashed image has. */
export const unusedBlobs: Garbage<BlobRow> = {
  kind: "blobs",

  async *find(run) {
    const { leaseSince } = run.limits;
    const { read } = run.database;
    for await (const page of pages<ScannedBlob>(run, (last) => scanBlobs(read, leaseSince, last))) {
      yield page.filter(({ isUnused }) => isUnused !== 0);
    }
    yield* findLosers(run);
  },

  async take(run, blobs) {
    const digests = blobs.map(({ digest }) => digest);
    const { dialect } = run.database;
    const givenUp = await run.write((trx) =>
      giveUpBlobs(trx, dialect, digests, run.limits.leaseSince),
    );
    return await removeObjects(run, givenUp);
  },

  presume(run, blobs) {
    for (const { digest } of blobs) run.scratch.losses.add("content", 0, digest);
  },

  describe,
};

/** Blobs that an earlier run has decided against and not finished. */
export const givenUpBlobs: Garbage<BlobRow> = {
  kind: "blobs",
  find: (run) => pages<BlobRow>(run, (last) => findGivenUp(run.database.read, last)),
  take: removeObjects,
  describe,
};

function describe({ digest, size }: BlobRow): CollectedItem {
  return { kind: "blobs", digest, bytes: size };
}

/** Deletes objects, then their rows. @returns those that are gone; the others are left for the next run */
async function removeObjects(
  run: CollectionRun,
  blobs: readonly BlobRow[],
): Promise<readonly BlobRow[]> {
  const removed = await forEachObject(
    blobs,
    async ({ key }) => {
      await run.store.delete(key);
      return true;
    },
    ({ digest }, error) => run.failed("blobs", digest, error),
  );
  if (removed.length > 0) await run.write((trx) => forgetBlobs(trx, removed));
  return removed;
}

/** In a dry run: blobs that lose everything that refers to them. */
async function* findLosers(run: CollectionRun): AsyncGenerator<readonly BlobRow[]> {
  const { losses } = run.scratch;
  for await (const page of pages<Loss>(run, async (last) => losses.page("blob", last))) {
    const going = new Map(page.map(({ digest, count }) => [digest, count]));
    const blobs = await countReferences(
      run.database.read,
      [...going.keys()],
      run.limits.leaseSince,
    );
    yield blobs.filter(({ digest, references }) => references === going.get(digest));
  }
}
