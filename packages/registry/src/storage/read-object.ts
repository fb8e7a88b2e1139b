import type { BlobStore } from "./blob-store.ts";

/**
 * Reads a small object whole; its size is the caller's to know.
 *
 * @throws {StorageError} `not-found`
 */
export async function readObject(store: BlobStore, key: string): Promise<Buffer> {
  await using object = await store.open(key);
  const bytes = Buffer.allocUnsafeSlow(object.size);
  let used = 0;
  for await (const chunk of object.stream()) {
    bytes.set(chunk, used);
    used += chunk.length;
  }
  if (used !== bytes.length) {
    throw new Error(`the stored object has ${used} bytes instead of ${bytes.length}`);
  }
  return bytes;
}
