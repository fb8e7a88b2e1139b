import { ImageError } from "../image-error.ts";
import { FIELD } from "./tar-header.ts";
import { parseTarNumber } from "./tar-number.ts";

/** Part of the map of an old GNU sparse file (type `S`; GNU tar manual, "Basic Tar Format", `oldgnu_header`). */
export interface SparseBlock {
  /** Offset and length of the stored pieces in bytes. */
  readonly pieces: [number, number][];
  /** Whether an extension block follows. */
  readonly continues: boolean;
}

/** Reads the map in the main header: up to four pieces, and the length of the whole file. */
export function parseSparseHeader(block: Buffer): SparseBlock & { readonly realSize: number } {
  const realSize = parseTarNumber(block, ...FIELD.realSize, "real size");
  if (realSize < 0)
    throw new ImageError("damaged", `tar header: real size is negative (${realSize})`);
  return {
    ...parsePieces(block, FIELD.sparse[0], 4),
    continues: block[FIELD.isExtended[0]] !== 0,
    realSize,
  };
}

/** Reads an extension block: up to 21 pieces. */
export function parseSparseExtension(block: Buffer): SparseBlock {
  return { ...parsePieces(block, 0, 21), continues: block[504] !== 0 };
}

function parsePieces(block: Buffer, start: number, count: number): { pieces: [number, number][] } {
  const pieces: [number, number][] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * 24;
    if (block[at] === 0 || block[at + 12] === 0) break; // unused
    const offset = parseTarNumber(block, at, 12, "sparse offset");
    const length = parseTarNumber(block, at + 12, 12, "sparse length");
    if (offset < 0 || length < 0)
      throw new ImageError("damaged", "tar header: negative sparse piece");
    pieces.push([offset, length]);
  }
  return { pieces };
}
