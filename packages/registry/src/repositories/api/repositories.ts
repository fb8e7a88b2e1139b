// Long because it is one thing: what the API does with a repository, from its creation to its restoration.
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import { mailDate } from "../../api/mail-date.ts";
import { createRepository } from "../create-repository.ts";
import { deleteRepository } from "../delete-repository.ts";
import { listDeletedRepositories } from "../deleted/list-deleted-repositories.ts";
import { purgeRepository } from "../deleted/purge-repository.ts";
import { restoreRepository } from "../deleted/restore-repository.ts";
import { describeRepository } from "../describe-repository.ts";
import type { DescribedRepository } from "../describe-repository.ts";
import { listRepositories } from "../list-repositories.ts";
import { shortName } from "../make-repository.ts";
import type { TagFacts } from "../repository-facts-store.ts";
import { changeRepository, stateName } from "../repository-settings.ts";
import { viewListed } from "./listed-repository.ts";

/** Entries of a page, as in Quay. */
const PAGE = 100;
const DAY = 86_400_000;

const byName = z.object({ after: z.string().max(255) });
const byTime = z.object({ before: z.int(), id: z.int() });

export const repositoryRoutes: readonly ApiRoute[] = [
  serve(endpoints.listRepos, async ({ actor, query, context }) => {
    const { namespace, q, starred = false, limit = PAGE, repo_kind: kind } = query;
    const accountId = actor.kind === "account" ? actor.accountId : undefined;
    const isByPush = query.sort === "last_modified";
    const isEmpty = kind === "application" || (starred && accountId === undefined);
    const before = isByPush ? decodeCursor(query.next_page, byTime) : undefined;
    const after = isByPush ? undefined : decodeCursor(query.next_page, byName)?.after;
    const listed = isEmpty
      ? []
      : await listRepositories(context.accounts.administration, actor, {
          limit: limit + 1,
          namespace: namespace === "" ? undefined : namespace,
          contains: q ?? "",
          // What was starred may well be somebody else's public one.
          public: query.public ?? starred,
          ...(starred ? { starredBy: accountId } : {}),
          ...(after === undefined ? {} : { after }),
          ...(isByPush
            ? { byPush: { before: before && { pushedAt: before.before, id: before.id } } }
            : {}),
        });
    const { entries, ...next } = pageOf(listed, limit, ({ name, pushed_at, id }) =>
      isByPush ? { before: pushed_at, id } : { after: name },
    );
    const repositories = await viewListed(context, actor, entries, {
      lastModified: query.last_modified ?? false,
      popularity: query.popularity ?? false,
    });
    return { repositories, ...next };
  }),

  serve(endpoints.createRepo, async ({ actor, body, context }) => {
    const repository = await createRepository(context.accounts.administration, actor, {
      namespace: body.namespace ?? undefined,
      name: body.repository,
      visibility: body.visibility,
      description: body.description ?? "",
    });
    return {
      namespace: repository.namespace,
      name: shortName(repository),
      kind: "image" as const,
    };
  }),

  serve(endpoints.getRepo, async ({ actor, repository, query, context }) => {
    const { administration } = context.accounts;
    const wanted = { tags: query.includeTags ?? true, stats: query.includeStats ?? false };
    return viewDescribed(await describeRepository(administration, actor, repository, wanted));
  }),

  serve(endpoints.updateRepo, async ({ actor, repository, body, context }) => {
    await changeRepository(context.accounts.administration, actor, repository.name, {
      description: body.description === null ? "" : body.description,
      squashAtPush: body.squash_at_push,
      squashCompression: body.squash_compression,
    });
    return { success: true as const };
  }),

  serve(endpoints.deleteRepository, async ({ actor, repository, query, context }) => {
    const { administration } = context.accounts;
    await deleteRepository(administration, actor, repository.name);
    if (query.permanent === true) await purgeRepository(administration, actor, repository.id);
    return undefined;
  }),

  serve(endpoints.changeRepoVisibility, async ({ actor, repository, body, context }) => {
    const { visibility } = body;
    await changeRepository(context.accounts.administration, actor, repository.name, { visibility });
    return { success: true as const };
  }),

  serve(endpoints.changeRepoState, async ({ actor, repository, body, context }) => {
    const state = body.state === "NORMAL" ? "normal" : "read-only";
    await changeRepository(context.accounts.administration, actor, repository.name, { state });
    return { success: true as const };
  }),

  serve(endpoints.listDeletedRepositories, async ({ actor, query, context }) => {
    const { namespace, limit = PAGE } = query;
    const cursor = decodeCursor(query.next_page, byTime);
    const listed = await listDeletedRepositories(
      context.accounts.administration,
      actor,
      namespace,
      { limit: limit + 1, before: cursor && { deletedAt: cursor.before, id: cursor.id } },
    );
    const { entries, ...next } = pageOf(listed, limit, ({ deletedAt, id }) => ({
      before: deletedAt,
      id,
    }));
    const repositories = entries.map((repository) => ({
      id: repository.id,
      namespace: repository.namespace,
      name: shortName(repository),
      description: repository.description,
      is_public: repository.visibility === "public",
      deleted_at: new Date(repository.deletedAt).toISOString(),
      deleted_by: repository.deletedBy,
      restorable_until: new Date(repository.restorableUntil).toISOString(),
      pending_bytes: repository.pendingBytes,
    }));
    return { repositories, ...next };
  }),

  serve(endpoints.restoreDeletedRepository, async ({ actor, path, body, context }) => {
    const { administration } = context.accounts;
    const id = numberOf(path.deletedid);
    const repository = await restoreRepository(administration, actor, id, body.name);
    return { namespace: repository.namespace, name: shortName(repository) };
  }),

  serve(endpoints.purgeDeletedRepository, async ({ actor, path, context }) => {
    await purgeRepository(context.accounts.administration, actor, numberOf(path.deletedid));
    return undefined;
  }),
];

/** Anything that is no id of ours names nothing. */
function numberOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : -1;
}

function viewDescribed(described: DescribedRepository) {
  const { repository, tags, days } = described;
  return {
    namespace: repository.namespace,
    name: shortName(repository),
    kind: "image" as const,
    description: described.description,
    is_public: repository.visibility === "public",
    is_organization: described.namespaceKind === "organization",
    is_starred: described.isStarred,
    status_token: "",
    trust_enabled: false as const,
    tag_expiration_s: Math.floor(described.window / 1000),
    is_free_account: true as const,
    state: stateName(repository.state),
    ...(tags === undefined
      ? {}
      : { tags: Object.fromEntries(tags.map((tag) => [tag.name, viewTag(tag)])) }),
    ...(days === undefined
      ? {}
      : {
          stats: days.map(({ day, pulls }) => ({
            date: new Date(day * DAY).toISOString().slice(0, 10),
            count: pulls,
          })),
        }),
    can_write: described.canWrite,
    can_admin: described.canAdmin,
    squash_at_push: repository.squashAtPush,
    squash_compression: repository.squashCompression,
    created_at: new Date(described.createdAt).toISOString(),
    pushed_at: described.pushedAt === 0 ? null : new Date(described.pushedAt).toISOString(),
    quota_report: described.report,
  };
}

function viewTag({ name, size, digest, startedAt, expiresAt }: TagFacts) {
  return {
    name,
    size,
    last_modified: mailDate(startedAt),
    manifest_digest: digest,
    ...(expiresAt === null ? {} : { expiration: mailDate(expiresAt) }),
  };
}
