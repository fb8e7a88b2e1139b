import { recordAudit } from "../audit/record-audit.ts";
import { REGISTRY } from "../audit/performer.ts";
import { namespaceOf } from "../repositories/repository-name.ts";
import { findDue, giveUpRepository } from "../repositories/deleted/deleted-repository-store.ts";
import type { DueRepository } from "../repositories/deleted/deleted-repository-store.ts";
import { takeApart } from "../repositories/deleted/take-apart.ts";
import type { CollectionRun } from "./collection-run.ts";
import { findLinksOf, findManifestsOf } from "./expired-repository-store.ts";
import type { Garbage } from "./garbage.ts";
import { PAGE, pages } from "./pages.ts";

/**
 * Deleted repositories whose grace period is over, and those that were ended before. They go with everything they have;
 * until then they keep their manifests and blobs as if they were not deleted.
 */
export const expiredRepositories: Garbage<DueRepository> = {
  kind: "repositories",

  async *find(run) {
    const { now, window } = run.limits;
    const { read } = run.database;
    for await (const page of pages<DueRepository>(run, (last) =>
      findDue(read, window, last, PAGE),
    )) {
      yield page.filter(
        (repository) =>
          repository.isGivenUp === 1 || repository.deletedAt < now - repository.window,
      );
    }
  },

  async take(run, repositories) {
    const taken: DueRepository[] = [];
    for (const repository of repositories) {
      try {
        if (await takeRepository(run, repository)) taken.push(repository);
      } catch (error) {
        run.failed("repositories", repository.repository, error);
      }
    }
    return taken;
  },

  async presume(run, repositories) {
    const { read } = run.database;
    const { losses, presumed } = run.scratch;
    for (const { id } of repositories) {
      presumed.add(id);
      for await (const page of pages<string>(run, (last) => findLinksOf(read, id, last))) {
        for (const digest of page) losses.add("blob", 0, digest);
      }
      for await (const page of pages<string>(run, (last) => findManifestsOf(read, id, last))) {
        for (const digest of page) losses.add("source", 0, digest);
      }
    }
  },

  describe: ({ repository }) => ({ kind: "repositories", repository, bytes: 0 }),
};

async function takeRepository(run: CollectionRun, due: DueRepository): Promise<boolean> {
  const { id, namespaceId, repository: name, deletedAt, window, isGivenUp } = due;
  if (isGivenUp === 0) {
    const before = run.limits.now - window;
    const isOurs = await run.write(async (trx) => {
      if (!(await giveUpRepository(trx, id, before))) return false;
      const namespace = namespaceOf(name);
      const repository = { id, name, namespaceId, namespace };
      const metadata = {
        repo: name.slice(namespace.length + 1),
        namespace,
        deleted_at: new Date(deletedAt).toISOString(),
      };
      await recordAudit(
        trx,
        REGISTRY,
        { kind: "purge_repo", repository, metadata },
        run.limits.now,
      );
      return true;
    });
    if (!isOurs) return false;
  }
  return await takeApart((work) => run.write(work), id);
}
