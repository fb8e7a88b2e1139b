import type { BlobStore } from "../../storage/blob-store.ts";

/** A store whose objects appeared when the test's clock says, not the machine's. */
export function clockedStore(store: BlobStore, now: () => number): BlobStore {
  const appeared = new Map<string, number>();
  const began = new Map<string, number>();
  const clocked: Omit<BlobStore, "redirect" | "free"> = {
    open: (key) => store.open(key),
    stat: (key) => store.stat(key),
    delete: (key) => store.delete(key),
    discardUpload: (id, state) => store.discardUpload(id, state),
    async put(key, bytes) {
      await store.put(key, bytes);
      appeared.set(key, now());
    },
    async *list(prefix) {
      for await (const entry of store.list(prefix)) {
        yield { ...entry, changedAt: appeared.get(entry.key) ?? entry.changedAt };
      }
    },
    async openUpload(id, state) {
      began.set(id, now());
      return await store.openUpload(id, state);
    },
    async *listUploads() {
      for await (const entry of store.listUploads()) {
        yield { ...entry, changedAt: began.get(entry.id) ?? entry.changedAt };
      }
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
  return clocked;
}
