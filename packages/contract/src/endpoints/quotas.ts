// Long because it is one thing: quotas are reached on four ways.
import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { quota, quotaLimit, quotaLimitType, quotaSize } from "../quota-values.ts";
import { bytes, timestamp } from "../values.ts";

const ORGANIZATION = "/api/v1/organization/{orgname}/quota";
const USER = "/api/v1/user/quota";
const SUPERUSER_ORGANIZATION = "/api/v1/superuser/organization/{namespace}/quota";
const SUPERUSER_USER = "/api/v1/superuser/users/{namespace}/quota";

const percent = z.int().min(1).max(100).describe("of the quota");
const newLimit = z.object({ type: quotaLimitType, threshold_percent: percent });
const limitChanges = z.object({
  type: quotaLimitType.optional(),
  threshold_percent: percent.optional(),
});
const created = z.literal("Created");

export const listOrganizationQuota = endpoint({
  id: "listOrganizationQuota",
  method: "GET",
  path: ORGANIZATION,
  section: "quota",
  summary: "List an organization's quota: one, or none.",
  right: "organization.read",
  status: 200,
  answer: z.array(quota),
  quay: "same",
});

export const createOrganizationQuota = endpoint({
  id: "createOrganizationQuota",
  method: "POST",
  path: ORGANIZATION,
  section: "quota",
  summary: "Give an organization a quota. Without a limit of type `Reject` it refuses nothing.",
  right: "superuser",
  body: z.object(quotaSize),
  status: 201,
  answer: created,
  quay: "same",
});

export const getOrganizationQuota = endpoint({
  id: "getOrganizationQuota",
  method: "GET",
  path: `${ORGANIZATION}/{quota_id}`,
  section: "quota",
  summary: "Describe an organization's quota.",
  right: "organization.read",
  status: 200,
  answer: quota,
  quay: "same",
});

export const changeOrganizationQuota = endpoint({
  id: "changeOrganizationQuota",
  method: "PUT",
  path: `${ORGANIZATION}/{quota_id}`,
  section: "quota",
  summary: "Change an organization's quota.",
  right: "superuser",
  body: z.object(quotaSize),
  status: 200,
  answer: quota,
  quay: "same",
});

export const deleteOrganizationQuota = endpoint({
  id: "deleteOrganizationQuota",
  method: "DELETE",
  path: `${ORGANIZATION}/{quota_id}`,
  section: "quota",
  summary: "Remove an organization's quota.",
  right: "superuser",
  status: 204,
  quay: "same",
});

export const listOrganizationQuotaLimit = endpoint({
  id: "listOrganizationQuotaLimit",
  method: "GET",
  path: `${ORGANIZATION}/{quota_id}/limit`,
  section: "quota",
  summary: "List the limits of an organization's quota.",
  right: "organization.read",
  status: 200,
  answer: z.array(quotaLimit),
  quay: "same",
});

export const createOrganizationQuotaLimit = endpoint({
  id: "createOrganizationQuotaLimit",
  method: "POST",
  path: `${ORGANIZATION}/{quota_id}/limit`,
  section: "quota",
  summary: "Add a limit to an organization's quota: several warnings, but one that refuses.",
  right: "superuser",
  body: newLimit,
  status: 201,
  answer: created,
  quay: "same",
});

export const getOrganizationQuotaLimit = endpoint({
  id: "getOrganizationQuotaLimit",
  method: "GET",
  path: `${ORGANIZATION}/{quota_id}/limit/{limit_id}`,
  section: "quota",
  summary: "Describe a limit of an organization's quota.",
  right: "organization.read",
  status: 200,
  answer: quotaLimit,
  quay: "same",
});

export const changeOrganizationQuotaLimit = endpoint({
  id: "changeOrganizationQuotaLimit",
  method: "PUT",
  path: `${ORGANIZATION}/{quota_id}/limit/{limit_id}`,
  section: "quota",
  summary: "Change a limit of an organization's quota.",
  right: "superuser",
  body: limitChanges,
  status: 200,
  answer: quota,
  quay: "same",
});

export const deleteOrganizationQuotaLimit = endpoint({
  id: "deleteOrganizationQuotaLimit",
  method: "DELETE",
  path: `${ORGANIZATION}/{quota_id}/limit/{limit_id}`,
  section: "quota",
  summary: "Remove a limit of an organization's quota.",
  right: "superuser",
  status: 204,
  quay: "same",
});

export const listUserQuota = endpoint({
  id: "listUserQuota",
  method: "GET",
  path: USER,
  section: "quota",
  summary: "List your own quota: one, or none.",
  right: "self.read",
  status: 200,
  answer: z.array(quota),
  quay: "same",
});

export const getUserQuota = endpoint({
  id: "getUserQuota",
  method: "GET",
  path: `${USER}/{quota_id}`,
  section: "quota",
  summary: "Describe your own quota.",
  right: "self.read",
  status: 200,
  answer: quota,
  quay: "same",
});

export const listUserQuotaLimit = endpoint({
  id: "listUserQuotaLimit",
  method: "GET",
  path: `${USER}/{quota_id}/limit`,
  section: "quota",
  summary: "List the limits of your own quota.",
  right: "self.read",
  status: 200,
  answer: z.array(quotaLimit),
  quay: "same",
});

export const getUserQuotaLimit = endpoint({
  id: "getUserQuotaLimit",
  method: "GET",
  path: `${USER}/{quota_id}/limit/{limit_id}`,
  section: "quota",
  summary: "Describe a limit of your own quota.",
  right: "self.read",
  status: 200,
  answer: quota,
  quay: "same",
});

export const listOrganizationQuotaSuperUser = endpoint({
  id: "listOrganizationQuotaSuperUser",
  method: "GET",
  path: SUPERUSER_ORGANIZATION,
  section: "superuser",
  summary: "List an organization's quota: one, or none.",
  right: "superuser",
  fresh: true,
  status: 200,
  answer: z.array(quota),
  quay: "same",
});

export const createOrganizationQuotaSuperUser = endpoint({
  id: "createOrganizationQuotaSuperUser",
  method: "POST",
  path: SUPERUSER_ORGANIZATION,
  section: "superuser",
  summary: "Give an organization a quota.",
  right: "superuser",
  fresh: true,
  body: z.object(quotaSize),
  status: 201,
  answer: created,
  quay: "same",
});

export const changeOrganizationQuotaSuperUser = endpoint({
  id: "changeOrganizationQuotaSuperUser",
  method: "PUT",
  path: `${SUPERUSER_ORGANIZATION}/{quota_id}`,
  section: "superuser",
  summary: "Change an organization's quota.",
  right: "superuser",
  fresh: true,
  body: z.object(quotaSize),
  status: 200,
  answer: quota,
  quay: "same",
});

export const deleteOrganizationQuotaSuperUser = endpoint({
  id: "deleteOrganizationQuotaSuperUser",
  method: "DELETE",
  path: `${SUPERUSER_ORGANIZATION}/{quota_id}`,
  section: "superuser",
  summary: "Remove an organization's quota.",
  right: "superuser",
  status: 204,
  quay: "same",
});

export const listUserQuotaSuperUser = endpoint({
  id: "listUserQuotaSuperUser",
  method: "GET",
  path: SUPERUSER_USER,
  section: "superuser",
  summary: "List a user's quota: one, or none.",
  right: "superuser",
  fresh: true,
  status: 200,
  answer: z.array(quota),
  quay: "same",
});

export const createUserQuotaSuperUser = endpoint({
  id: "createUserQuotaSuperUser",
  method: "POST",
  path: SUPERUSER_USER,
  section: "superuser",
  summary: "Give a user a quota.",
  right: "superuser",
  fresh: true,
  body: z.object(quotaSize),
  status: 201,
  answer: created,
  quay: "same",
});

export const changeUserQuotaSuperUser = endpoint({
  id: "changeUserQuotaSuperUser",
  method: "PUT",
  path: `${SUPERUSER_USER}/{quota_id}`,
  section: "superuser",
  summary: "Change a user's quota.",
  right: "superuser",
  fresh: true,
  body: z.object(quotaSize),
  status: 200,
  answer: quota,
  quay: "same",
});

export const deleteUserQuotaSuperUser = endpoint({
  id: "deleteUserQuotaSuperUser",
  method: "DELETE",
  path: `${SUPERUSER_USER}/{quota_id}`,
  section: "superuser",
  summary: "Remove a user's quota.",
  right: "superuser",
  status: 204,
  quay: "same",
});

/** Limits by superusers: Quay has them for organizations alone, under the path of the organization. */
export const createUserQuotaLimitSuperUser = endpoint({
  id: "createUserQuotaLimitSuperUser",
  method: "POST",
  path: `${SUPERUSER_USER}/{quota_id}/limit`,
  section: "superuser",
  summary: "Add a limit to a user's quota.",
  right: "superuser",
  fresh: true,
  body: newLimit,
  status: 201,
  answer: created,
  quay: "new: Quay has no way to limit a user's quota",
});

export const deleteUserQuotaLimitSuperUser = endpoint({
  id: "deleteUserQuotaLimitSuperUser",
  method: "DELETE",
  path: `${SUPERUSER_USER}/{quota_id}/limit/{limit_id}`,
  section: "superuser",
  summary: "Remove a limit of a user's quota.",
  right: "superuser",
  status: 204,
  quay: "new: Quay has no way to limit a user's quota",
});

export const getRegistrySize = endpoint({
  id: "getRegistrySize",
  method: "GET",
  path: "/api/v1/superuser/registrysize",
  section: "superuser",
  summary: "Tell how many bytes of blobs the registry stores, as last measured.",
  right: "superuser",
  fresh: true,
  status: 200,
  answer: z.object({
    size_bytes: bytes,
    last_ran: z.int().nullable().describe("milliseconds since 1970, as in Quay; null: never"),
    queued: z.boolean(),
    running: z.boolean(),
    measured_at: timestamp.optional().describe("as `last_ran`"),
  }),
  quay: "extended: with the time in RFC 3339",
});

export const queueRegistrySizeCalculation = endpoint({
  id: "queueRegistrySizeCalculation",
  method: "POST",
  path: "/api/v1/superuser/registrysize",
  section: "superuser",
  summary: "Have the size of the registry measured soon.",
  right: "superuser",
  fresh: true,
  status: 202,
  answer: z.object({}),
  quay: "extended: always answered with 202",
});
