const PAGE = 500;

/**
 * A whole list that is read page by page, by something else than names (`allPages`).
 *
 * @param read entries in order, those after the given key; undefined: from the first on
 * @param keyOf what the next page goes on after
 */
export async function allEntries<T, Key>(
  read: (after: Key | undefined, limit: number) => Promise<readonly T[]>,
  keyOf: (entry: T) => Key,
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await read(last === undefined ? undefined : keyOf(last), PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** A whole list that is read page by page, by id from 0 on. */
export async function allById<T extends { readonly id: number }>(
  read: (page: { readonly after: number; readonly limit: number }) => Promise<readonly T[]>,
): Promise<T[]> {
  return allEntries<T, number>(
    (after, limit) => read({ after: after ?? 0, limit }),
    ({ id }) => id,
  );
}
