const PAGE = 1000;

/**
 * A whole list that is read page by page.
 *
 * @param read entries by name, those after the given one
 */
export async function allPages<T extends { readonly name: string }>(
  read: (page: { readonly after: string; readonly limit: number }) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const page = await read({ after: all.at(-1)?.name ?? "", limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}
