import { ImageError } from "../image-error.ts";
import type { Limits } from "../limits.ts";
import { EntryType } from "../tar/entry-type.ts";
import { BLOCK } from "../tar/tar-header.ts";
import type { SparseMap } from "./entry-table.ts";
import type { LayerIndex } from "./layer-index.ts";

/** The largest of the numbers that stand for types. */
const LAST_TYPE = Math.max(...Object.values(EntryType));

/**
 * Checks an index that somebody has stored: entries lie within the layer, names and headers where they should, so that
 * no later step reads what is not there.
 *
 * @throws {ImageError} `damaged`
 */
export function checkLayerIndex(index: LayerIndex, limits: Pick<Limits, "pathBytes">): void {
  checkNames(index, limits.pathBytes);
  checkPlaces(index);
  checkHeaders(index);
  for (const [entry, map] of index.table.sparse) checkSparse(index, entry, map);
}

function checkNames({ table }: LayerIndex, maximum: number): void {
  const { count, type, nameStart, nameLength, linkLength, names } = table;
  let end = 0;
  for (let row = 0; row < count; row++) {
    const name = nameLength[row] ?? 0;
    const link = linkLength[row] ?? 0;
    if (name > maximum || link > maximum) damaged(row, "a name is too long");
    if ((type[row] ?? 0) > LAST_TYPE) damaged(row, "no type of an entry");
    end = (nameStart[row] ?? 0) + name + link;
  }
  if (end !== names.length) damaged(count, "names and their lengths differ");
}

function checkPlaces({ table, size: layerSize }: LayerIndex): void {
  const { count, headerStart, headerLength, size } = table;
  const last = count - 1;
  const end = (headerStart[last] ?? 0) + (headerLength[last] ?? 0) + (size[last] ?? 0);
  if (!(end <= layerSize)) damaged(last, "an entry ends behind the layer");
}

/** Each header lies within one block (see `HeaderStoreWriter`). */
function checkHeaders({ table, headers: { starts } }: LayerIndex): void {
  const { count, rawStart, rawLength, headerLength } = table;
  let block = 0;
  let end = 0;
  for (let row = 0; row < count; row++) {
    const start = rawStart[row] ?? 0;
    const length = rawLength[row] ?? 0;
    if (length < BLOCK || length > (headerLength[row] ?? 0)) damaged(row, "no length of a header");
    while (start >= (starts[block + 1] ?? Infinity)) block++;
    end = start + length;
    if (!(end <= (starts[block + 1] ?? -1))) damaged(row, "a header lies in no block");
  }
  if (end !== starts.at(-1)) damaged(count, "headers and their blocks differ");
}

function checkSparse({ table }: LayerIndex, entry: number, { realSize, pieces }: SparseMap): void {
  let end = 0;
  let stored = 0;
  for (const [offset, length] of pieces) {
    if (offset < end || offset + length > realSize) damaged(entry, "a map contradicts itself");
    end = offset + length;
    stored += length;
  }
  if (entry >= table.count || stored !== table.size[entry]) damaged(entry, "a map of another file");
}

function damaged(row: number, reason: string): never {
  throw new ImageError("damaged", `the layer index is corrupt: entry ${row}: ${reason}`);
}
