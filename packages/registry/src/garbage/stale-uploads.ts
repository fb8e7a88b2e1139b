import type { CollectionRun } from "./collection-run.ts";
import { forEachObject } from "./for-each-object.ts";
import type { Garbage } from "./garbage.ts";
import { pages } from "./pages.ts";
import { deleteEndedUploads, endStaleUploads, findStaleUploads } from "./stale-upload-store.ts";
import type { StaleUpload } from "./stale-upload-store.ts";

/** Sessions that nobody continues, and what is remembered of ended ones. */
export const staleUploads: Garbage<StaleUpload> = {
  kind: "uploads",

  find: (run) =>
    pages<StaleUpload>(run, (last) =>
      findStaleUploads(run.database.read, run.limits.uploadSince, last),
    ),

  async take(run, uploads) {
    const ids = uploads.map(({ id }) => id);
    const { uploadSince } = run.limits;
    const ended = await run.write((trx) => endStaleUploads(trx, ids, uploadSince));
    const discarded = await discard(
      run,
      uploads.filter(({ id }) => ended.has(id)),
    );
    if (discarded.length > 0) {
      const done = discarded.map(({ id }) => id);
      await run.write((trx) => deleteEndedUploads(trx, done, uploadSince));
    }
    return discarded;
  },

  describe: ({ id, repository, state, size }) => ({
    kind: state === "" ? "endedUploads" : "uploads",
    repository,
    name: id,
    bytes: size,
  }),
};

/** What the store says of an upload stays in its row until it is discarded, so that a crash changes nothing. */
async function discard(
  run: CollectionRun,
  uploads: readonly StaleUpload[],
): Promise<readonly StaleUpload[]> {
  return await forEachObject(
    uploads,
    async ({ id, state }) => {
      if (state !== "") await run.store.discardUpload(id, state);
      return true;
    },
    ({ id }, error) => run.failed("uploads", id, error),
  );
}
