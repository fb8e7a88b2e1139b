import type { CollectionRun } from "./collection-run.ts";

/** Rows that are looked at, or changed, by one statement. */
export const PAGE = 250;

/**
 * Reads page by page.
 *
 * @param read at most {@link PAGE} rows that come after `last`, in a fixed order
 */
export async function* pages<Row>(
  run: CollectionRun,
  read: (last: Row | undefined) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let last: Row | undefined;
  do {
    const rows = await read(last);
    if (rows.length > 0) yield rows;
    last = rows.length < PAGE ? undefined : rows.at(-1);
    await run.breathe();
  } while (last !== undefined);
}

export function* chunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
