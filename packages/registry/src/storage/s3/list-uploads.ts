import type { Bucket } from "./bucket.ts";
import { isNotFound } from "./s3-error.ts";
import type { S3Layout } from "./s3-layout.ts";

interface Leftover {
  bytes: number;
  changedAt: number;
}

/** What uploads have stored, by their ids: objects and the parts of multipart uploads. */
export async function listLeftovers(
  bucket: Bucket,
  layout: S3Layout,
): Promise<ReadonlyMap<string, Leftover>> {
  const leftovers = new Map<string, Leftover>();
  const add = (name: string, bytes: number, changedAt: number): void => {
    const id = layout.uploadIdOf(name);
    if (id === undefined) return;
    const sum = leftovers.get(id) ?? { bytes: 0, changedAt: 0 };
    sum.bytes += bytes;
    sum.changedAt = Math.max(sum.changedAt, changedAt);
    leftovers.set(id, sum);
  };
  for await (const { name, size, changedAt } of bucket.list(layout.uploads))
    add(name, size, changedAt);
  for await (const { name, multipart, startedAt } of bucket.multiparts(layout.uploads)) {
    add(name, 0, startedAt);
    try {
      for await (const { size, changedAt } of bucket.parts(name, multipart))
        add(name, size, changedAt);
    } catch (error) {
      if (!isNotFound(error)) throw error; // it has ended meanwhile
    }
  }
  return leftovers;
}
