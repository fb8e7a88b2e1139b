import type { CollectionRun } from "./collection-run.ts";
import type { Garbage } from "./garbage.ts";
import type { Loss } from "./loss-store.ts";
import { pages } from "./pages.ts";
import { countReferences, deleteLinks, scanLinks } from "./unused-link-store.ts";
import type { Link, ScannedLink } from "./unused-link-store.ts";

/** Blobs of a repository that none of its manifests refers to. */
export const unusedLinks: Garbage<Link> = {
  kind: "links",

  async *find(run) {
    const { leaseSince } = run.limits;
    const { read } = run.database;
    for await (const page of pages<ScannedLink>(run, (last) => scanLinks(read, leaseSince, last))) {
      const { presumed } = run.scratch;
      yield page.filter(
        ({ isUnused, repositoryId }) => isUnused !== 0 && !presumed.has(repositoryId),
      );
    }
    yield* findLosers(run);
  },

  async take(run, links) {
    return await run.write(async (trx) => {
      const taken: Link[] = [];
      for (const [repositoryId, group] of Map.groupBy(links, (link) => link.repositoryId)) {
        const deleted = await deleteLinks(
          trx,
          run.database.dialect,
          repositoryId,
          group.map(({ digest }) => digest),
          run.limits.leaseSince,
        );
        taken.push(...group.filter(({ digest }) => deleted.has(digest)));
      }
      return taken;
    });
  },

  presume(run, links) {
    for (const { digest } of links) run.scratch.losses.add("blob", 0, digest);
  },

  describe: ({ repository, digest }) => ({ kind: "links", repository, digest, bytes: 0 }),
};

/** In a dry run: links whose manifests all go. */
async function* findLosers(run: CollectionRun): AsyncGenerator<readonly Link[]> {
  const { losses } = run.scratch;
  for await (const page of pages<Loss>(run, async (last) => losses.page("link", last))) {
    for (const [repositoryId, group] of Map.groupBy(page, ({ owner }) => owner)) {
      const going = new Map(group.map(({ digest, count }) => [digest, count]));
      const links = await countReferences(
        run.database.read,
        repositoryId,
        [...going.keys()],
        run.limits.leaseSince,
      );
      yield links.filter(({ digest, references }) => references === going.get(digest));
    }
  }
}
