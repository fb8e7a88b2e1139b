import { z } from "zod";
import { bytes, text } from "./values.ts";

export const quotaLimitType = z.enum(["Warning", "Reject"]);

export const quotaLimit = z.object({
  id: z.int(),
  type: quotaLimitType.describe("`Reject`: pushes are refused; `Warning`: admins are told"),
  limit_percent: z.int().describe("of the quota, from which on it holds"),
});

/** How much a namespace may use. */
export const quota = z.object({
  id: z.int().describe("0: the default of the configuration"),
  limit_bytes: bytes,
  limit: z.string().describe("for people, such as `10.0 GiB`"),
  default_config: z.boolean().describe("it is the default of the configuration"),
  limits: z.array(quotaLimit),
  default_config_exists: z.boolean(),
});

/** Either of them says how much; `limit_bytes` counts where both are there. */
export const quotaSize = {
  limit_bytes: bytes.min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: text(40).optional().describe("such as `10 GiB` or `500MB`"),
} as const;

/** How much is used. */
export const quotaReport = z.object({
  quota_bytes: bytes.describe(
    "distinct bytes of what can be pulled, as measured soon after the last change",
  ),
  configured_quota: bytes.nullable().describe("of the whole namespace; null: no quota"),
  pending_bytes: bytes.describe(
    "distinct bytes that are only kept because they can be taken back; they count no more",
  ),
  running_backfill: z.enum(["complete", "waiting"]).describe("`waiting`: it was not measured yet"),
});
