// Long because it is one thing: the values of tags that several endpoints share.
import { z } from "zod";
import { bytes, mailDate, seconds, timestamp } from "./values.ts";

/** As Quay reads a flag: everything but these words counts as yes. */
export const flag = z
  .string()
  .transform((value) => !["", "0", "false", "False", "FALSE", "null"].includes(value));

/** Whole numbers; what is out of bounds counts as the bound, as in Quay. */
export const clamped = (least: number, most: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, "must be a whole number")
    .transform((value) => Math.min(most, Math.max(least, Number(value))));

/** A moment: RFC 3339, or seconds since 1970. The handlers get milliseconds since 1970. */
export const moment = z
  .union([z.iso.datetime({ offset: true }), z.string().regex(/^\d{1,11}(?:\.\d{1,6})?$/)], {
    error: "must be a time such as 2026-11-21T10:00:00Z, or seconds since 1970",
  })
  .transform((value) =>
    /^[\d.]+$/.test(value) ? Math.floor(Number(value) * 1000) : Date.parse(value),
  );

/** Digests are of SHA-256 or SHA-512 (image-spec, "Digests"). */
export const manifestDigest = z
  .string()
  .max(200)
  .regex(
    /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
    "must be a digest such as sha256:<64 hexadecimal digits>",
  );

/** One interval of a tag: what it pointed to, from when to when. */
export const tagInterval = z.object({
  name: z.string(),
  reversion: z.boolean().describe("it was taken back to an earlier image"),
  start_ts: seconds,
  end_ts: seconds.optional().describe("when it ended or will end; missing: it stays"),
  manifest_digest: z.string(),
  is_manifest_list: z.boolean(),
  size: bytes.describe("bytes of config and layers; of an index: of all its images together"),
  last_modified: mailDate.describe("as `start_ts`"),
  expiration: mailDate.optional().describe("as `end_ts`"),
  immutable: z.boolean().describe("protected by itself or by a policy"),
  is_sparse: z.boolean().optional().describe("of an index: some of its manifests are missing"),
  child_manifest_count: z.int().optional(),
  present_child_count: z.int().optional(),
  child_manifests_presence: z.record(z.string(), z.boolean()).optional(),
  platforms: z
    .array(z.string())
    .describe("such as `linux/amd64`, as far as its images were read already"),
  started_at: timestamp.describe("as `start_ts`, exact"),
  started_by: z.string().optional().describe("who pushed, moved or restored it"),
  ended_at: timestamp.optional().describe("missing: the tag still points there"),
  ended_by: z.string().optional(),
  end_kind: z.enum(["moved", "deleted", "expired", "pruned"]).optional(),
  restorable_until: timestamp
    .optional()
    .describe("of what has ended: so long the tag can be taken back to it"),
  pulls: z.int().describe("of the tag, whatever it pointed to"),
  last_pulled: timestamp.optional(),
});

/** What one change of a tag has done. */
export const tagChange = z.object({
  tag: z.string(),
  status: z.enum(["created", "moved", "restored", "deleted", "updated", "unchanged"]),
  manifest_digest: z
    .string()
    .optional()
    .describe("what it points to now, or did before the deletion"),
  moved_from: z.string().optional().describe("what it pointed to before"),
  expiration: timestamp.nullable().optional(),
  immutable: z.boolean().optional(),
});

/** Of a tag, as it is set. */
export const expiration = z
  .number()
  .min(0)
  .max(100_000_000_000)
  .nullable()
  .describe(
    "seconds since 1970, taken as at least an hour and at most 104 weeks from now; null: it stays",
  );

/** Most tags that a journey in time names. */
export const MOST_NAMED_TAGS = 1000;

/** Most operations of one request. */
export const MOST_OPERATIONS = 1000;

const operation = <Action extends string, Fields extends z.ZodRawShape>(
  action: Action,
  fields: Fields,
) => z.object({ action: z.literal(action), tag: z.string().min(1).max(128), ...fields });

export const tagOperation = z.discriminatedUnion("action", [
  operation("add", { manifest_digest: manifestDigest }).describe("refused when it is there"),
  operation("move", { manifest_digest: manifestDigest }).describe("creates it as well"),
  operation("delete", {}),
  operation("expire", { expiration }),
  operation("immutable", { immutable: z.boolean() }),
  operation("restore", { manifest_digest: manifestDigest }),
  operation("permanent", {
    manifest_digest: manifestDigest,
    include_submanifests: z.boolean().optional(),
    is_alive: z.boolean().optional(),
  }).describe("deletes for good; in a browser's session it needs a fresh login"),
]);
