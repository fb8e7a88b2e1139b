import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { moment, MOST_NAMED_TAGS } from "../tag-values.ts";
import { timestamp } from "../values.ts";

const change = z.object({
  tag: z.string(),
  action: z
    .enum(["move", "restore", "delete", "skip"])
    .describe("move: it points elsewhere now. restore: it is gone now. skip: see `reason`"),
  from: z.string().nullable().describe("digest it points to now; null: it is gone"),
  to: z.string().nullable().describe("digest it pointed to then; null: it was not there"),
  expiration: timestamp.optional().describe("comes back with it"),
  reason: z
    .enum(["out_of_window", "immutable", "newer"])
    .optional()
    .describe(
      "out_of_window: what it was then is too long ago to be known for sure. immutable: it is protected. newer: it was not there then, and `delete_newer` is not set",
    ),
});

export const restoreTagsToTime = endpoint({
  id: "restoreTagsToTime",
  method: "POST",
  path: "/api/v1/repository/{repository}/timemachine",
  section: "tag",
  summary: "Take tags, or all tags of a repository, back to what they were at a time.",
  right: "repository.write",
  body: z.object({
    at: z
      .union([
        moment,
        z
          .number()
          .min(0)
          .max(100_000_000_000)
          .transform((value) => Math.floor(value * 1000)),
      ])
      .describe("RFC 3339, or seconds since 1970"),
    tags: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(MOST_NAMED_TAGS)
      .optional()
      .describe("missing: all tags of the repository"),
    delete_newer: z.boolean().optional().describe("delete the tags that were not there then"),
    preview: z.boolean().optional().describe("tell what would be done, and do nothing"),
  }),
  status: 200,
  answer: z.object({
    at: timestamp,
    window_start: timestamp.describe("nothing is known for sure of earlier times"),
    applied: z.boolean(),
    moved: z.int(),
    restored: z.int(),
    deleted: z.int(),
    skipped: z.int(),
    unchanged: z.int(),
    changes: z.array(change).describe("by name, the first thousand; the counts are of all"),
    truncated: z.boolean(),
  }),
  quay: "new: Quay takes back one tag at a time",
});
