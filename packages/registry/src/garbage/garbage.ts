import type { CollectedItem, CollectedKind } from "./collection-report.ts";
import type { CollectionRun } from "./collection-run.ts";

/** One kind of garbage. */
export interface Garbage<Item> {
  readonly kind: CollectedKind;
  /** Batches of what may be taken, as far as can be told without locks. */
  find(run: CollectionRun): AsyncIterable<readonly Item[]>;
  /** Takes what is still garbage. @returns what was taken */
  take(run: CollectionRun, items: readonly Item[]): Promise<readonly Item[]>;
  /** In a dry run, instead of taking: remembers the references that would go. */
  presume?(run: CollectionRun, items: readonly Item[]): Promise<void> | void;
  describe(item: Item): CollectedItem;
}

/** Takes all garbage of one kind. What cannot be taken is in the report and does not stop the rest. */
export async function collect<Item>(run: CollectionRun, garbage: Garbage<Item>): Promise<void> {
  for await (const items of garbage.find(run)) {
    if (items.length > 0) await collectBatch(run, garbage, items);
    await run.breathe();
  }
}

async function collectBatch<Item>(
  run: CollectionRun,
  garbage: Garbage<Item>,
  items: readonly Item[],
): Promise<void> {
  if (run.isDry) {
    await garbage.presume?.(run, items);
    for (const item of items) run.taken(garbage.describe(item));
    return;
  }
  try {
    for (const item of await garbage.take(run, items)) run.taken(garbage.describe(item));
  } catch (error) {
    run.failed(garbage.kind, undefined, error);
  }
}
