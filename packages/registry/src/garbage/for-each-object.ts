/** Deletions under way at the same time; a bucket takes tens of milliseconds for each. */
const AT_ONCE = 8;

/**
 * Works on items, a few at a time. An error does not stop the rest.
 *
 * @param work false: the item was left alone
 * @returns the items that were worked on
 */
export async function forEachObject<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<boolean>,
  failed: (item: Item, error: unknown) => void,
): Promise<Item[]> {
  const done: Item[] = [];
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      try {
        if (await work(item)) done.push(item);
      } catch (error) {
        failed(item, error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return done;
}
