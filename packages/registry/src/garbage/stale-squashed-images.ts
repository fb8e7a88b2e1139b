import type { CollectionRun } from "./collection-run.ts";
import type { Garbage } from "./garbage.ts";
import type { Loss } from "./loss-store.ts";
import { pages } from "./pages.ts";
import {
  countSources,
  deleteSquashedImages,
  scanSquashedImages,
} from "./stale-squashed-image-store.ts";
import type { SquashedRow } from "./stale-squashed-image-store.ts";

/** Squashed images whose source no repository has any more. */
export const staleSquashedImages: Garbage<SquashedRow> = {
  kind: "squashedImages",

  async *find(run) {
    const { leaseSince } = run.limits;
    const { read } = run.database;
    for await (const page of pages<SquashedRow>(run, (last) =>
      scanSquashedImages(read, leaseSince, last),
    )) {
      yield page.filter(({ isStale }) => isStale !== 0);
    }
    yield* findLosers(run);
  },

  async take(run, images) {
    const ids = images.map(({ id }) => id);
    const deleted = await run.write((trx) => deleteSquashedImages(trx, ids, run.limits.leaseSince));
    return images.filter(({ id }) => deleted.has(id));
  },

  presume(run, images) {
    for (const { compression, layer } of images) {
      if (compression !== "none") run.scratch.losses.add("blob", 0, layer);
    }
  },

  describe: ({ source }) => ({ kind: "squashedImages", digest: source, bytes: 0 }),
};

/** In a dry run: those whose source goes from every repository that has it. */
async function* findLosers(run: CollectionRun): AsyncGenerator<readonly SquashedRow[]> {
  const { losses } = run.scratch;
  for await (const page of pages<Loss>(run, async (last) => losses.page("source", last))) {
    const going = new Map(page.map(({ digest, count }) => [digest, count]));
    const images = await countSources(run.database.read, [...going.keys()], run.limits.leaseSince);
    yield images.filter(({ source, repositories }) => repositories === going.get(source));
  }
}
