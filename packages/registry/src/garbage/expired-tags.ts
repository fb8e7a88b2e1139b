import { deleteTags, findEndedTags, shortestWindow } from "./expired-tag-store.ts";
import type { EndedTag } from "./expired-tag-store.ts";
import type { Garbage } from "./garbage.ts";
import { pages } from "./pages.ts";

/** Intervals of tags that ended longer ago than their namespace lets them be taken back. */
export const expiredTags: Garbage<EndedTag> = {
  kind: "tags",

  async *find(run) {
    const { now, window } = run.limits;
    const { read } = run.database;
    const before = now - (await shortestWindow(read, window));
    for await (const page of pages<EndedTag>(run, (last) =>
      findEndedTags(read, before, window, last),
    )) {
      const { presumed } = run.scratch;
      yield page.filter((tag) => tag.endedAt < now - tag.window && !presumed.has(tag.repositoryId));
    }
  },

  async take(run, tags) {
    const deleted = await run.write((trx) =>
      deleteTags(
        trx,
        tags.map(({ id }) => id),
      ),
    );
    return tags.filter(({ id }) => deleted.has(id));
  },

  describe: ({ repository, tag, digest }) => ({ kind: "tags", repository, tag, digest, bytes: 0 }),
};
