import type { CollectionRun } from "./collection-run.ts";

/** Picks entries from a long listing, and hands them out batch by batch. */
export async function* batches<Entry>(
  run: CollectionRun,
  entries: AsyncIterable<Entry>,
  isWanted: (entry: Entry) => boolean,
  size: number,
): AsyncGenerator<readonly Entry[]> {
  let batch: Entry[] = [];
  let seen = 0;
  for await (const entry of entries) {
    if (++seen % size === 0) await run.breathe();
    if (!isWanted(entry)) continue;
    batch.push(entry);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
