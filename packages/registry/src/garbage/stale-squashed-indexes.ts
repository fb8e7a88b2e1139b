import type { CollectionRun } from "./collection-run.ts";
import type { Garbage } from "./garbage.ts";
import type { Loss } from "./loss-store.ts";
import { pages } from "./pages.ts";
import {
  countIndexSources,
  deleteSquashedIndexes,
  scanSquashedIndexes,
} from "./stale-squashed-index-store.ts";
import type { SquashedIndexRow } from "./stale-squashed-index-store.ts";

/** Squashed indexes whose source no repository has any more. */
export const staleSquashedIndexes: Garbage<SquashedIndexRow> = {
  kind: "squashedIndexes",

  async *find(run) {
    const { leaseSince } = run.limits;
    const { read } = run.database;
    for await (const page of pages<SquashedIndexRow>(run, (last) =>
      scanSquashedIndexes(read, leaseSince, last),
    )) {
      yield page.filter(({ isStale }) => isStale !== 0);
    }
    yield* findLosers(run);
  },

  async take(run, indexes) {
    const digests = indexes.map(({ digest }) => digest);
    const deleted = await run.write((trx) =>
      deleteSquashedIndexes(trx, digests, run.limits.leaseSince),
    );
    return indexes.filter(({ digest }) => deleted.has(digest));
  },

  describe: ({ source }) => ({ kind: "squashedIndexes", digest: source, bytes: 0 }),
};

/** In a dry run: those whose source goes from every repository that has it. */
async function* findLosers(run: CollectionRun): AsyncGenerator<readonly SquashedIndexRow[]> {
  const { losses } = run.scratch;
  for await (const page of pages<Loss>(run, async (last) => losses.page("source", last))) {
    const going = new Map(page.map(({ digest, count }) => [digest, count]));
    const indexes = await countIndexSources(
      run.database.read,
      [...going.keys()],
      run.limits.leaseSince,
    );
    yield indexes.filter(({ source, repositories }) => repositories === going.get(source));
  }
}
