import type { Bucket, Part } from "./bucket.ts";
import { evenRanges } from "./part-sizes.ts";
import { COPY_SUFFIX } from "./s3-layout.ts";

/** Bytes that S3 copies in one go at most. */
export const COPY_LIMIT = 5 * 1024 ** 3;
/** Bytes of one of the parts of a large copy. */
const COPY_PART = 1024 ** 3;
/** Parts that are copied at the same time. */
const IN_FLIGHT = 4;

/**
 * Copies an object within the bucket, without its bytes passing through here. The copy appears as a whole.
 *
 * @param size of the source, bytes
 * @param limit above it the copy is made of parts, each at most as large
 */
export async function copyObject(
  bucket: Bucket,
  source: string,
  size: number,
  target: string,
  limit: number,
): Promise<void> {
  if (size <= limit) return await bucket.copy(source, target);
  const multipart = await bucket.createMultipart(target);
  // Should this process die, whoever discards the upload finds here what else there is to abort.
  await bucket.put(source + COPY_SUFFIX, Buffer.from(`${multipart} ${target}`));
  try {
    const parts = await copyRange(bucket, source, size, target, multipart, limit);
    await bucket.completeMultipart(target, multipart, parts);
  } catch (error) {
    await bucket.abortMultipart(target, multipart).catch(() => undefined); // the first error tells more
    throw error;
  }
  await bucket.delete(source + COPY_SUFFIX);
}

/**
 * Makes the first bytes of an object the first parts of a multipart upload.
 *
 * @param limit bytes of a part at most
 */
export async function copyRange(
  bucket: Bucket,
  source: string,
  size: number,
  target: string,
  multipart: string,
  limit: number,
): Promise<Part[]> {
  const ranges = evenRanges(size, Math.min(limit, COPY_PART));
  const parts: Part[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < ranges.length; index = next++) {
      const range = ranges[index];
      if (range === undefined) return;
      parts[index] = await bucket.copyPart(target, multipart, index + 1, source, range);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: IN_FLIGHT }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return parts;
}

/** Aborts a large copy that somebody did not finish. @param marker what {@link copyObject} has put down */
export async function abortCopy(bucket: Bucket, marker: string): Promise<void> {
  const [multipart, target] = marker.split(" ");
  if (multipart !== undefined && target !== undefined)
    await bucket.abortMultipart(target, multipart);
}
