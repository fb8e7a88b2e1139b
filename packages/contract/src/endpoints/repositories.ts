// Long because it is one thing: a repository from its creation to the end of its grace period.
import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { quotaReport } from "../quota-values.ts";
import {
  bytes,
  mailDate,
  nextPage,
  page,
  queryBoolean,
  queryInteger,
  seconds,
  text,
  timestamp,
} from "../values.ts";

const REPOSITORY = "/api/v1/repository/{repository}";
const DELETED = "/api/v1/deletedrepositories";

const visibility = z.enum(["public", "private"]);
const state = z.enum(["NORMAL", "READ_ONLY"]);
const description = text(65_536).describe("Markdown");
const kind = z.literal("image");
const success = z.object({ success: z.literal(true) });

const listed = z.object({
  namespace: z.string(),
  name: z.string().describe("without the namespace"),
  description: z.string(),
  is_public: z.boolean(),
  kind,
  state,
  last_modified: seconds.nullable().optional().describe("the last push; if asked for"),
  popularity: z.number().optional().describe("pulls in the last 90 days; if asked for"),
  is_starred: z.boolean().optional().describe("by you"),
  quota_report: quotaReport.optional().describe("its quota is that of the namespace"),
});

export const listRepos = endpoint({
  id: "listRepos",
  method: "GET",
  path: "/api/v1/repository",
  section: "repository",
  summary:
    "List repositories that you may see: what you were given, and public ones if asked for. By name, or the last pushed first.",
  right: "anybody",
  query: z.object({
    namespace: text(255).optional().describe("user or organization"),
    public: queryBoolean.optional().describe("true: public repositories as well"),
    starred: queryBoolean.optional().describe("true: only those you have starred"),
    last_modified: queryBoolean.optional(),
    popularity: queryBoolean.optional(),
    repo_kind: z.enum(["image", "application"]).optional().describe("there are only images"),
    q: text(255).optional().describe("parts of names, or beginnings of words of the description"),
    sort: z.enum(["name", "last_modified"]).optional(),
    limit: queryInteger(1, 100).optional().describe("entries of a page, at most 100"),
    next_page: page.next_page,
  }),
  status: 200,
  answer: z.object({ repositories: z.array(listed), next_page: nextPage }),
  quay: "extended: limit, sort and q; needs no filter; bytes that can be taken back in quota_report",
});

export const createRepo = endpoint({
  id: "createRepo",
  method: "POST",
  path: "/api/v1/repository",
  section: "repository",
  summary: "Create a repository.",
  right: "repository.create",
  body: z.object({
    repository: text(255).min(1).describe("its name without the namespace; may have `/`"),
    namespace: text(255).nullish().describe("user or organization; missing: you"),
    visibility: visibility.optional().describe("missing: as for repositories created by a push"),
    description: description.nullish(),
    repo_kind: z.enum(["image"], "must be image: there are no other kinds").nullish(),
  }),
  status: 201,
  answer: z.object({ namespace: z.string(), name: z.string(), kind }),
  quay: "same",
});

const tag = z.object({
  name: z.string(),
  size: bytes,
  last_modified: mailDate,
  manifest_digest: z.string(),
  expiration: mailDate.optional(),
});

export const getRepo = endpoint({
  id: "getRepo",
  method: "GET",
  path: REPOSITORY,
  section: "repository",
  summary: "Describe a repository.",
  right: "repository.read",
  query: z.object({
    includeTags: queryBoolean.optional().describe("false: without tags"),
    includeStats: queryBoolean.optional().describe("true: with pulls per day"),
  }),
  status: 200,
  answer: z.object({
    namespace: z.string(),
    name: z.string().describe("without the namespace"),
    kind,
    description: z.string(),
    is_public: z.boolean(),
    is_organization: z.boolean().describe("it belongs to an organization"),
    is_starred: z.boolean().describe("by you"),
    status_token: z.string(),
    trust_enabled: z.literal(false),
    tag_expiration_s: seconds.describe("seconds that a tag or the repository can be taken back"),
    is_free_account: z.literal(true),
    state,
    tags: z
      .record(z.string(), tag)
      .optional()
      .describe("by name, the first 500; the list of tags has them all"),
    stats: z.array(z.object({ date: z.iso.date(), count: z.int() })).optional(),
    can_write: z.boolean(),
    can_admin: z.boolean(),
    squash_at_push: z.boolean().describe("squashed images are made when an image is pushed"),
    squash_compression: z
      .enum(["none", "gzip", "zstd"])
      .describe("how the layer of a squashed image is pulled"),
    created_at: timestamp,
    pushed_at: timestamp.nullable().describe("the last push"),
    quota_report: quotaReport.describe("of the repository; its quota is that of the namespace"),
  }),
  quay: "extended: squash settings, sizes, times",
});

export const updateRepo = endpoint({
  id: "updateRepo",
  method: "PUT",
  path: REPOSITORY,
  section: "repository",
  summary: "Change a repository's description; whoever administrates it, also how it is squashed.",
  right: "repository.describe",
  bodyLimit: 512 * 1024,
  body: z.object({
    description: description.nullish(),
    squash_at_push: z.boolean().optional(),
    squash_compression: z.enum(["none", "gzip", "zstd"]).optional(),
  }),
  status: 200,
  answer: success,
  quay: "extended: squash settings",
});

export const deleteRepository = endpoint({
  id: "deleteRepository",
  method: "DELETE",
  path: REPOSITORY,
  section: "repository",
  summary:
    "Delete a repository. It is gone at once, and can be restored within the time machine window of its namespace.",
  right: "repository.admin",
  fresh: true,
  query: z.object({
    permanent: queryBoolean.optional().describe("true: for good; it cannot be restored"),
  }),
  status: 204,
  quay: "extended: it can be restored for a while",
});

export const changeRepoVisibility = endpoint({
  id: "changeRepoVisibility",
  method: "POST",
  path: `${REPOSITORY}/changevisibility`,
  section: "repository",
  summary: "Make a repository public or private.",
  right: "repository.admin",
  body: z.object({ visibility }),
  status: 200,
  answer: success,
  quay: "same",
});

export const changeRepoState = endpoint({
  id: "changeRepoState",
  method: "PUT",
  path: `${REPOSITORY}/changestate`,
  section: "repository",
  summary: "Make a repository read-only, or normal again.",
  right: "repository.admin",
  body: z.object({ state: z.enum(["NORMAL", "READ_ONLY"], "must be NORMAL or READ_ONLY") }),
  status: 200,
  answer: success,
  quay: "extended: no state MIRROR",
});

const deleted = z.object({
  id: z.int().describe("names it as long as it is deleted"),
  namespace: z.string(),
  name: z.string().describe("what it was called, without the namespace"),
  description: z.string(),
  is_public: z.boolean(),
  deleted_at: timestamp,
  deleted_by: z.string().nullable(),
  restorable_until: timestamp,
  pending_bytes: bytes.describe("what it keeps, as last measured"),
});

export const listDeletedRepositories = endpoint({
  id: "listDeletedRepositories",
  method: "GET",
  path: DELETED,
  section: "repository",
  summary:
    "List deleted repositories that you administrated and that can be restored, the last deleted first.",
  right: "repository.restore",
  query: z.object({
    namespace: text(255).optional().describe("user or organization; missing: your own"),
    ...page,
  }),
  status: 200,
  answer: z.object({ repositories: z.array(deleted), next_page: nextPage }),
  quay: "new: Quay cannot restore repositories",
});

export const restoreDeletedRepository = endpoint({
  id: "restoreDeletedRepository",
  method: "POST",
  path: `${DELETED}/{deletedid}/restore`,
  section: "repository",
  summary:
    "Restore a deleted repository with everything it had: tags, history, labels, permissions, stars, tokens.",
  right: "repository.restore",
  body: z.object({
    name: text(255)
      .optional()
      .describe("another name without the namespace, where the old one is taken"),
  }),
  status: 200,
  answer: z.object({ namespace: z.string(), name: z.string() }),
  quay: "new: Quay cannot restore repositories",
});

export const purgeDeletedRepository = endpoint({
  id: "purgeDeletedRepository",
  method: "DELETE",
  path: `${DELETED}/{deletedid}`,
  section: "repository",
  summary: "Delete a deleted repository for good, before its time.",
  right: "repository.restore",
  fresh: true,
  status: 204,
  quay: "new: Quay cannot restore repositories",
});
