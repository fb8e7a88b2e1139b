import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import { listRepositories } from "../list-repositories.ts";
import { namespaceOf } from "../repository-name.ts";
import { starRepository, unstarRepository } from "../stars/star-repository.ts";

/** Entries of a page, as in Quay. */
const PAGE = 100;

const cursor = z.object({ after: z.string().max(255) });

export const starRoutes: readonly ApiRoute[] = [
  serve(endpoints.listStarredRepos, async ({ actor, query, namespace, context }) => {
    const { limit = PAGE } = query;
    const listed = await listRepositories(context.accounts.administration, actor, {
      limit: limit + 1,
      starredBy: namespace.id,
      after: decodeCursor(query.next_page, cursor)?.after ?? "",
    });
    const { entries, ...next } = pageOf(listed, limit, ({ name }) => ({ after: name }));
    const repositories = entries.map(({ name, description, visibility }) => ({
      namespace: namespaceOf(name),
      name: name.slice(namespaceOf(name).length + 1),
      description,
      is_public: visibility === "public",
    }));
    return { repositories, ...next };
  }),

  serve(endpoints.createStar, async ({ actor, body, context }) => {
    const { namespace, repository } = body;
    await starRepository(context.accounts.administration, actor, `${namespace}/${repository}`);
    return { namespace, repository };
  }),

  serve(endpoints.deleteStar, async ({ actor, path, context }) => {
    await unstarRepository(context.accounts.administration, actor, path.repository);
    return undefined;
  }),
];
