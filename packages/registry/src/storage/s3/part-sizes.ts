const MIB = 1024 * 1024;

/** S3's limits: parts of an upload, bytes of a part that is not the last, bytes of an object. */
export const MAX_PARTS = 10_000;
export const MIN_PART = 5 * MIB;
export const MAX_OBJECT = 5 * 1024 * 1024 * MIB;
export const DEFAULT_PART = 8 * MIB;

/** From which part on parts are how many times as large. */
const GROWTH: readonly (readonly [part: number, factor: number])[] = [
  [7501, 240],
  [5001, 32],
  [2501, 4],
];

/**
 * Bytes of a part. A part is held in memory, and nobody knows how long an upload gets, so parts begin small and grow
 * only where 10,000 of them would not do: 8 MiB up to 20 GiB, 32 MiB up to 98 GiB, 256 MiB up to 720 GiB, and so to 5 TiB.
 *
 * @param part number of the part, from 1
 * @param smallest bytes of the first one
 */
export function partSize(part: number, smallest: number = DEFAULT_PART): number {
  const [, factor] = GROWTH.find(([from]) => part >= from) ?? [0, 1];
  return smallest * factor;
}

/**
 * Cuts bytes into ranges that are as even as can be, so that the last is not too small for a part.
 *
 * @param most bytes of a range
 */
export function evenRanges(size: number, most: number): { start: number; end: number }[] {
  const count = Math.ceil(size / most);
  const length = Math.ceil(size / count);
  return Array.from({ length: count }, (_, index) => ({
    start: index * length,
    end: Math.min(size, (index + 1) * length),
  }));
}
