// Long because it is one thing: two kinds of policies, at each place where they can stand.
import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { bytes, mailDate, text } from "../values.ts";

const pattern = text(256)
  .transform((value) => value.trim())
  .describe("RE2 expression");

const prunePolicy = z.object({
  method: z.enum(["number_of_tags", "creation_date"]),
  value: z
    .union([z.int().min(1).max(1_000_000), z.string().max(20)])
    .describe(
      "number_of_tags: the latest so many stay. creation_date: an age such as 7d (s, m, h, d, w, y)",
    ),
  tagPattern: pattern.nullish().describe("RE2 expression, found anywhere in the name"),
  tagPatternMatches: z
    .boolean()
    .optional()
    .describe("true: tags that match; false: those that do not. True where it is missing"),
});

const shownPrunePolicy = z.object({
  uuid: z.string(),
  method: z.enum(["number_of_tags", "creation_date"]),
  value: z.union([z.int(), z.string()]),
  tagPattern: z.string().nullable(),
  tagPatternMatches: z.boolean(),
});

const protectPolicy = z.object({
  tagPattern: pattern
    .pipe(z.string().min(1, "must not be empty"))
    .describe("RE2 expression, from the beginning of the name"),
  tagPatternMatches: z
    .boolean()
    .optional()
    .describe("true: tags that match are protected; false: those that do not"),
});

const shownProtectPolicy = z.object({
  uuid: z.string(),
  tagPattern: z.string(),
  tagPatternMatches: z.boolean(),
});

const created = z.object({ uuid: z.string() });

const preview = z.object({
  tags: z
    .array(
      z.object({
        repository: z.string(),
        name: z.string(),
        manifest_digest: z.string(),
        last_modified: mailDate,
        size: bytes,
        policy_uuid: z.string().optional().describe("missing: the policy of the request"),
      }),
    )
    .describe("at most a thousand"),
  truncated: z.boolean().describe("there are more"),
});

const previewBody = prunePolicy
  .partial({ method: true, value: true })
  .describe("a policy to try; empty: those that are in force");

const PLACES = {
  organization: "/api/v1/organization/{orgname}",
  repository: "/api/v1/repository/{repository}",
  user: "/api/v1/user",
} as const;

const PRUNE = {
  organization: `${PLACES.organization}/autoprunepolicy`,
  repository: `${PLACES.repository}/autoprunepolicy`,
  user: `${PLACES.user}/autoprunepolicy`,
} as const;

const PROTECT = {
  organization: `${PLACES.organization}/immutabilitypolicy`,
  repository: `${PLACES.repository}/immutabilitypolicy`,
} as const;

/** What is the same at every place. */
const prune = {
  list: {
    method: "GET",
    section: "policy",
    status: 200,
    answer: z.object({ policies: z.array(shownPrunePolicy) }),
    quay: "same",
  },
  create: {
    method: "POST",
    section: "policy",
    body: prunePolicy,
    status: 201,
    answer: created,
    quay: "extended: several policies at one place; patterns are RE2",
  },
  get: { method: "GET", section: "policy", status: 200, answer: shownPrunePolicy, quay: "same" },
  update: { method: "PUT", section: "policy", body: prunePolicy, status: 204, quay: "same" },
  remove: { method: "DELETE", section: "policy", status: 200, answer: created, quay: "same" },
  preview: {
    method: "POST",
    section: "policy",
    body: previewBody,
    status: 200,
    answer: preview,
    quay: "new: which tags would go",
  },
} as const;

export const listOrganizationAutoPrunePolicies = endpoint({
  id: "listOrganizationAutoPrunePolicies",
  path: PRUNE.organization,
  summary: "List the auto-prune policies of an organization.",
  right: "organization.admin",
  ...prune.list,
});

export const createOrganizationAutoPrunePolicy = endpoint({
  id: "createOrganizationAutoPrunePolicy",
  path: PRUNE.organization,
  summary: "Make tags in all repositories of an organization go by a policy.",
  right: "organization.admin",
  fresh: true,
  ...prune.create,
});

export const previewOrganizationAutoPrune = endpoint({
  id: "previewOrganizationAutoPrune",
  path: `${PRUNE.organization}/preview`,
  summary: "Tell which tags of an organization would be pruned now.",
  right: "organization.admin",
  ...prune.preview,
});

export const getOrganizationAutoPrunePolicy = endpoint({
  id: "getOrganizationAutoPrunePolicy",
  path: `${PRUNE.organization}/{policy_uuid}`,
  summary: "Show an auto-prune policy of an organization.",
  right: "organization.admin",
  ...prune.get,
});

export const updateOrganizationAutoPrunePolicy = endpoint({
  id: "updateOrganizationAutoPrunePolicy",
  path: `${PRUNE.organization}/{policy_uuid}`,
  summary: "Change an auto-prune policy of an organization.",
  right: "organization.admin",
  fresh: true,
  ...prune.update,
});

export const deleteOrganizationAutoPrunePolicy = endpoint({
  id: "deleteOrganizationAutoPrunePolicy",
  path: `${PRUNE.organization}/{policy_uuid}`,
  summary: "Delete an auto-prune policy of an organization.",
  right: "organization.admin",
  ...prune.remove,
});

export const listRepositoryAutoPrunePolicies = endpoint({
  id: "listRepositoryAutoPrunePolicies",
  path: PRUNE.repository,
  summary: "List the auto-prune policies of a repository.",
  right: "repository.admin",
  ...prune.list,
});

export const createRepositoryAutoPrunePolicy = endpoint({
  id: "createRepositoryAutoPrunePolicy",
  path: PRUNE.repository,
  summary: "Make tags of a repository go by a policy.",
  right: "repository.admin",
  fresh: true,
  ...prune.create,
});

export const previewRepositoryAutoPrune = endpoint({
  id: "previewRepositoryAutoPrune",
  path: `${PRUNE.repository}/preview`,
  summary: "Tell which tags of a repository would be pruned now.",
  right: "repository.admin",
  ...prune.preview,
});

export const getRepositoryAutoPrunePolicy = endpoint({
  id: "getRepositoryAutoPrunePolicy",
  path: `${PRUNE.repository}/{policy_uuid}`,
  summary: "Show an auto-prune policy of a repository.",
  right: "repository.admin",
  ...prune.get,
});

export const updateRepositoryAutoPrunePolicy = endpoint({
  id: "updateRepositoryAutoPrunePolicy",
  path: `${PRUNE.repository}/{policy_uuid}`,
  summary: "Change an auto-prune policy of a repository.",
  right: "repository.admin",
  fresh: true,
  ...prune.update,
});

export const deleteRepositoryAutoPrunePolicy = endpoint({
  id: "deleteRepositoryAutoPrunePolicy",
  path: `${PRUNE.repository}/{policy_uuid}`,
  summary: "Delete an auto-prune policy of a repository.",
  right: "repository.admin",
  ...prune.remove,
});

export const listUserAutoPrunePolicies = endpoint({
  id: "listUserAutoPrunePolicies",
  path: PRUNE.user,
  summary: "List the auto-prune policies of your own repositories.",
  right: "self.admin",
  ...prune.list,
});

export const createUserAutoPrunePolicy = endpoint({
  id: "createUserAutoPrunePolicy",
  path: PRUNE.user,
  summary: "Make tags in all your own repositories go by a policy.",
  right: "self.admin",
  fresh: true,
  ...prune.create,
});

export const previewUserAutoPrune = endpoint({
  id: "previewUserAutoPrune",
  path: `${PRUNE.user}/preview`,
  summary: "Tell which tags of your own repositories would be pruned now.",
  right: "self.admin",
  ...prune.preview,
});

export const getUserAutoPrunePolicy = endpoint({
  id: "getUserAutoPrunePolicy",
  path: `${PRUNE.user}/{policy_uuid}`,
  summary: "Show an auto-prune policy of your own repositories.",
  right: "self.admin",
  ...prune.get,
});

export const updateUserAutoPrunePolicy = endpoint({
  id: "updateUserAutoPrunePolicy",
  path: `${PRUNE.user}/{policy_uuid}`,
  summary: "Change an auto-prune policy of your own repositories.",
  right: "self.admin",
  fresh: true,
  ...prune.update,
});

export const deleteUserAutoPrunePolicy = endpoint({
  id: "deleteUserAutoPrunePolicy",
  path: `${PRUNE.user}/{policy_uuid}`,
  summary: "Delete an auto-prune policy of your own repositories.",
  right: "self.admin",
  ...prune.remove,
});

/** What is the same at both places. */
const protect = {
  list: {
    method: "GET",
    section: "policy",
    status: 200,
    answer: z.object({ policies: z.array(shownProtectPolicy) }),
    quay: "same",
  },
  create: {
    method: "POST",
    section: "policy",
    body: protectPolicy,
    status: 201,
    answer: created,
    quay: "extended: it holds for all tags at once, and no longer when it is deleted; patterns are RE2",
  },
  get: { method: "GET", section: "policy", status: 200, answer: shownProtectPolicy, quay: "same" },
  update: { method: "PUT", section: "policy", body: protectPolicy, status: 204, quay: "same" },
  remove: { method: "DELETE", section: "policy", status: 200, answer: created, quay: "same" },
} as const;

export const listOrgImmutabilityPolicies = endpoint({
  id: "listOrgImmutabilityPolicies",
  path: PROTECT.organization,
  summary: "List the immutability policies of an organization.",
  right: "organization.admin",
  ...protect.list,
});

export const createOrgImmutabilityPolicy = endpoint({
  id: "createOrgImmutabilityPolicy",
  path: PROTECT.organization,
  summary: "Protect tags in all repositories of an organization by their names.",
  right: "organization.admin",
  ...protect.create,
});

export const getOrgImmutabilityPolicy = endpoint({
  id: "getOrgImmutabilityPolicy",
  path: `${PROTECT.organization}/{policy_uuid}`,
  summary: "Show an immutability policy of an organization.",
  right: "organization.admin",
  ...protect.get,
});

export const updateOrgImmutabilityPolicy = endpoint({
  id: "updateOrgImmutabilityPolicy",
  path: `${PROTECT.organization}/{policy_uuid}`,
  summary: "Change an immutability policy of an organization.",
  right: "organization.admin",
  fresh: true,
  ...protect.update,
});

export const deleteOrgImmutabilityPolicy = endpoint({
  id: "deleteOrgImmutabilityPolicy",
  path: `${PROTECT.organization}/{policy_uuid}`,
  summary: "Delete an immutability policy of an organization.",
  right: "organization.admin",
  fresh: true,
  ...protect.remove,
});

export const listRepositoryImmutabilityPolicies = endpoint({
  id: "listRepositoryImmutabilityPolicies",
  path: PROTECT.repository,
  summary: "List the immutability policies of a repository.",
  right: "repository.admin",
  ...protect.list,
});

export const createRepositoryImmutabilityPolicy = endpoint({
  id: "createRepositoryImmutabilityPolicy",
  path: PROTECT.repository,
  summary: "Protect tags of a repository by their names.",
  right: "repository.admin",
  ...protect.create,
});

export const getRepositoryImmutabilityPolicy = endpoint({
  id: "getRepositoryImmutabilityPolicy",
  path: `${PROTECT.repository}/{policy_uuid}`,
  summary: "Show an immutability policy of a repository.",
  right: "repository.admin",
  ...protect.get,
});

export const updateRepositoryImmutabilityPolicy = endpoint({
  id: "updateRepositoryImmutabilityPolicy",
  path: `${PROTECT.repository}/{policy_uuid}`,
  summary: "Change an immutability policy of a repository.",
  right: "repository.admin",
  fresh: true,
  ...protect.update,
});

export const deleteRepositoryImmutabilityPolicy = endpoint({
  id: "deleteRepositoryImmutabilityPolicy",
  path: `${PROTECT.repository}/{policy_uuid}`,
  summary: "Delete an immutability policy of a repository.",
  right: "repository.admin",
  fresh: true,
  ...protect.remove,
});
