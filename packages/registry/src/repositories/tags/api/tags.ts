import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { Reply, serve } from "../../../api/api-route.ts";
import type { ApiRoute } from "../../../api/api-route.ts";
import { decodeCursor, encodeCursor } from "../../../api/cursor.ts";
import { changeTag, unknownTag } from "../change-tag.ts";
import { changeTags } from "../change-tags.ts";
import { deleteTag } from "../delete-tag.ts";
import { describeTags } from "../describe-tags.ts";
import { forgetImage } from "../forget-image.ts";
import { listRepositoryTags } from "../list-tags.ts";
import { restoreTag } from "../restore-tag.ts";
import { expectFreshForPermanent, operationOf } from "./tag-operations.ts";
import { shownOutcome, shownResult } from "./tag-outcomes.ts";

/** Entries of a page unless it is said, as in Quay. */
const USUAL_LIMIT = 50;

/** What a page is sorted by: a time or size or name, and what tells equals apart. */
const cursor = z
  .array(z.union([z.string().max(200), z.int()]))
  .min(1)
  .max(3);

export const tagRoutes: readonly ApiRoute[] = [
  serve(endpoints.listRepoTags, async ({ context, actor, repository, query }) => {
    const { administration } = context.accounts;
    const [filter = "", wanted] = query.filter_tag_name?.split(/:(.*)/s) ?? [];
    const name = query.specificTag || (filter === "eq" ? wanted : undefined);
    const contains = filter === "like" ? wanted : undefined;
    const { limit = USUAL_LIMIT, page = 1 } = query;
    const listed = await listRepositoryTags(administration, actor, repository, {
      name,
      contains,
      expression: query.filter_regex,
      onlyActive: query.onlyActiveTags ?? false,
      at: query.at,
      sort: query.sort,
      order: query.order,
      limit,
      page,
      after: decodeCursor(query.next_page, cursor),
    });
    const { tags, next, window } = listed;
    const now = context.now();
    return {
      tags: await describeTags(context.database, repository, tags, window, now),
      page,
      has_additional: next !== undefined,
      ...(next === undefined ? {} : { next_page: encodeCursor(next) }),
      ...(query.at === undefined ? {} : { complete: query.at >= now - window }),
    };
  }),

  serve(endpoints.changeTag, async ({ context, actor, repository, path, query, body }) => {
    const { expiration } = body;
    const outcome = await changeTag(context.accounts.administration, actor, repository, path.tag, {
      digest: body.manifest_digest ?? undefined,
      expiresAt: typeof expiration === "number" ? Math.floor(expiration * 1000) : expiration,
      isImmutable: body.immutable,
    });
    return query.detail === true ? shownOutcome(outcome) : ("Updated" as const);
  }),

  serve(endpoints.deleteFullTag, async ({ context, actor, repository, path }) => {
    const { database, rights, now } = context.accounts.administration;
    await rights.require(actor, "repository.write", { repository });
    if (await deleteTag(database, repository, path.tag, actor, now())) return new Reply(undefined);
    throw unknownTag(path.tag);
  }),

  serve(endpoints.restoreTag, async ({ context, actor, repository, path, query, body }) => {
    const { administration } = context.accounts;
    const digest = body.manifest_digest;
    const outcome = await restoreTag(administration, actor, repository, path.tag, digest);
    return query.detail === true ? shownOutcome(outcome) : {};
  }),

  serve(endpoints.removeTagFromTimemachine, async ({ context, actor, repository, path, body }) => {
    await forgetImage(context.accounts.administration, actor, repository, {
      tag: path.tag,
      digest: body.manifest_digest,
      isAlive: body.is_alive ?? false,
      withChildren: body.include_submanifests ?? false,
    });
    return {};
  }),

  serve(endpoints.changeTags, async ({ context, actor, repository, body, session, signal }) => {
    expectFreshForPermanent(context, session, body.operations);
    const { administration } = context.accounts;
    const operations = body.operations.map((operation) => operationOf(operation));
    const allOrNothing = body.all_or_nothing ?? false;
    const options = { allOrNothing, signal };
    const results = await changeTags(administration, actor, repository, operations, options);
    const failed = results.filter((result) => "refusal" in result).length;
    return { succeeded: results.length - failed, failed, results: results.map(shownResult) };
  }),
];
