import { z } from "zod";
import { decodeCursor, pageOf } from "../../api/cursor.ts";

/** Entries for whoever asks for no page: Quay's automation knows none here, and takes what comes for everything. */
const UNPAGED = 1000;

const Id = z.int().min(0);

/**
 * One page of a list that goes by ids.
 *
 * @param unpaged entries for whoever asks for no page
 * @param read entries after an id; reads one more than the page has, to know whether there is another
 */
export async function idPage<T>(
  query: { readonly limit?: number | undefined; readonly next_page?: string | undefined },
  read: (page: { readonly after: number; readonly limit: number }) => Promise<T[]>,
  idOf: (entry: T) => number,
  unpaged = UNPAGED,
): Promise<{ readonly entries: readonly T[]; readonly next_page?: string }> {
  const limit = query.limit ?? unpaged;
  const after = decodeCursor(query.next_page, Id) ?? 0;
  return pageOf(await read({ after, limit: limit + 1 }), limit, idOf);
}
