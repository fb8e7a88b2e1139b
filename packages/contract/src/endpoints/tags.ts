import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import {
  clamped,
  expiration,
  flag,
  manifestDigest,
  moment,
  MOST_OPERATIONS,
  tagChange,
  tagInterval,
  tagOperation,
} from "../tag-values.ts";
import { nextPage } from "../values.ts";

export const listRepoTags = endpoint({
  id: "listRepoTags",
  method: "GET",
  path: "/api/v1/repository/{repository}/tag",
  section: "tag",
  summary:
    "List what the tags of a repository point to and have pointed to, the latest change first.",
  right: "repository.read",
  query: z.object({
    specificTag: z.string().optional().describe("only this tag: its history"),
    filter_tag_name: z
      .string()
      .max(200)
      .regex(/^$|^(?:like|eq):/, "must be like:<part of the name> or eq:<name>")
      .optional(),
    filter_regex: z
      .string()
      .max(256)
      .optional()
      .describe(
        "only tags in whose name this RE2 expression is found; a page may then have fewer entries than `limit` and still a `next_page`",
      ),
    onlyActiveTags: flag.optional().describe("leave out what has ended"),
    at: moment
      .optional()
      .describe(
        "what the tags pointed to then, by name; a page may have fewer entries than `limit` and still a `next_page`",
      ),
    sort: z
      .enum(["last_modified", "name", "size"])
      .optional()
      .describe("`size` only with `onlyActiveTags`"),
    order: z
      .enum(["asc", "desc"])
      .optional()
      .describe("descending for times and sizes, ascending for names where it is missing"),
    limit: clamped(1, 100).optional().describe("entries of a page, at most 100; 50"),
    page: clamped(1, 1_000_000)
      .optional()
      .describe("number of the page; it reaches 100,000 entries, `next_page` all of them"),
    next_page: z.string().max(2048).optional().describe("where this page begins"),
  }),
  status: 200,
  answer: z.object({
    tags: z.array(tagInterval),
    page: z.int(),
    has_additional: z.boolean(),
    next_page: nextPage,
    complete: z
      .boolean()
      .optional()
      .describe("with `at`: false when some of what was then may be forgotten already"),
  }),
  quay: "extended: sort, order, at, filter_regex, next_page; who began and ended it, platforms, pulls",
});

export const changeTag = endpoint({
  id: "changeTag",
  method: "PUT",
  path: "/api/v1/repository/{repository}/tag/{tag}",
  section: "tag",
  summary: "Create or move a tag, make it expire, or protect it.",
  right: "repository.write",
  query: z.object({
    detail: flag.optional().describe("answer with what was done instead of the word `Updated`"),
  }),
  body: z.object({
    manifest_digest: manifestDigest.nullish().describe("what it shall point to"),
    expiration: expiration.optional(),
    immutable: z.boolean().optional().describe("only admins of the repository lift a protection"),
  }),
  status: 201,
  answer: z.union([z.literal("Updated"), tagChange]),
  quay: "extended: with `detail=true` the answer tells what it was moved from",
});

export const deleteFullTag = endpoint({
  id: "deleteFullTag",
  method: "DELETE",
  path: "/api/v1/repository/{repository}/tag/{tag}",
  section: "tag",
  summary: "Delete a tag; it can be taken back for a while.",
  right: "repository.write",
  status: 204,
  quay: "same",
});

export const restoreTag = endpoint({
  id: "restoreTag",
  method: "POST",
  path: "/api/v1/repository/{repository}/tag/{tag}/restore",
  section: "tag",
  summary: "Take a tag back to an earlier image, also one that was deleted.",
  right: "repository.write",
  query: z.object({ detail: flag.optional().describe("answer with what was done instead of {}") }),
  body: z.object({ manifest_digest: manifestDigest }),
  status: 200,
  answer: z.union([tagChange, z.object({})]),
  quay: "extended: the expiration comes back, and with `detail=true` the answer tells what was done",
});

export const removeTagFromTimemachine = endpoint({
  id: "removeTagFromTimemachine",
  method: "POST",
  path: "/api/v1/repository/{repository}/tag/{tag}/expire",
  section: "tag",
  summary:
    "Delete an image of a tag for good: it cannot be taken back, its space is reclaimed soon.",
  right: "repository.write",
  fresh: true,
  body: z.object({
    manifest_digest: manifestDigest,
    include_submanifests: z
      .boolean()
      .optional()
      .describe("of an index: its images too, unless something else needs them"),
    is_alive: z
      .boolean()
      .optional()
      .describe("true: also when the tag points there now; otherwise only its history"),
  }),
  status: 200,
  answer: z.object({}),
  quay: "same",
});

export const changeTags = endpoint({
  id: "changeTags",
  method: "POST",
  // No repository has a colon in its name.
  path: "/api/v1/repository/{repository}/tags:bulk",
  section: "tag",
  summary: "Do many things to tags in one request, in the order of the list.",
  right: "repository.write",
  body: z.object({
    operations: z.array(tagOperation).min(1).max(MOST_OPERATIONS),
    all_or_nothing: z
      .boolean()
      .optional()
      .describe(
        "true: in one transaction, the first refusal is the answer and nothing is done; otherwise each has its result, and what is refused does not stop the rest",
      ),
  }),
  bodyLimit: 1024 * 1024,
  status: 200,
  answer: z.object({
    succeeded: z.int(),
    failed: z.int(),
    results: z.array(
      tagChange.partial({ status: true }).extend({
        action: z.string(),
        error: z
          .object({ code: z.string(), status: z.int(), message: z.string() })
          .optional()
          .describe("as if it had been asked alone"),
      }),
    ),
  }),
  quay: "new: Quay's clients ask once for each tag",
});
