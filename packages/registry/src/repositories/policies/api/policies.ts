// Long because it is one thing: the same few requests at each place where policies can stand.
import * as endpoints from "@wharf/contract/endpoints";
import type { z } from "zod";
import { Reply, serve } from "../../../api/api-route.ts";
import type { ApiRequest, ApiRoute } from "../../../api/api-route.ts";
import { mailDate } from "../../../api/mail-date.ts";
import type { PolicyRow } from "../policy-store.ts";
import {
  changePrunePolicy,
  changeProtectPolicy,
  createPrunePolicy,
  createProtectPolicy,
  getPolicy,
  listPolicies,
  removePolicy,
} from "../policies.ts";
import type { PolicyOwner, ProtectWish } from "../policies.ts";
import { previewPrune } from "../preview-prune.ts";
import type { PruneWish } from "../prune-rule.ts";

type PruneBody = z.output<NonNullable<typeof endpoints.createUserAutoPrunePolicy.body>>;
type PreviewBody = z.output<NonNullable<typeof endpoints.previewUserAutoPrune.body>>;
type ProtectBody = z.output<NonNullable<typeof endpoints.createOrgImmutabilityPolicy.body>>;

/** What these handlers look at. */
type Place = Pick<ApiRequest, "context" | "actor" | "repository" | "namespace" | "signal">;
type At = Place & { readonly path: { readonly policy_uuid: string } };

const OWNERS = {
  organization: ({ namespace }: Place): PolicyOwner => ({
    kind: "organization",
    account: namespace,
  }),
  repository: ({ repository }: Place): PolicyOwner => ({ kind: "repository", repository }),
  user: ({ namespace }: Place): PolicyOwner => ({ kind: "user", account: namespace }),
} as const;

type OwnerOf = (request: Place) => PolicyOwner;

const pruning = (ownerOf: OwnerOf) => ({
  list: async (request: Place) => {
    const policies = await list(request, "autoprune", ownerOf);
    return { policies: policies.map((policy) => shownPrune(policy)) };
  },
  create: async (request: Place & { readonly body: PruneBody }) => {
    const { administration } = request.context.accounts;
    const wish = pruneWish(request.body);
    return { uuid: await createPrunePolicy(administration, request.actor, ownerOf(request), wish) };
  },
  preview: async (request: Place & { readonly body: PreviewBody }) => {
    const { context, actor, body, signal } = request;
    const { method, value } = body;
    const wish =
      method === undefined && value === undefined
        ? undefined
        : pruneWish({ ...body, method: method ?? "number_of_tags", value: value ?? "" });
    const { administration } = context.accounts;
    const found = await previewPrune(administration, actor, ownerOf(request), wish, signal);
    return {
      tags: found.tags.map(({ repository, name, digest, startedAt, size, policy }) => ({
        repository,
        name,
        manifest_digest: digest,
        last_modified: mailDate(startedAt),
        size,
        ...(policy === undefined ? {} : { policy_uuid: policy }),
      })),
      truncated: found.isTruncated,
    };
  },
  get: async (request: At) => shownPrune(await get(request, "autoprune", ownerOf)),
  update: async (request: At & { readonly body: PruneBody }) => {
    const { context, actor, path, body } = request;
    const { administration } = context.accounts;
    const wish = pruneWish(body);
    await changePrunePolicy(administration, actor, ownerOf(request), path.policy_uuid, wish);
    return new Reply(undefined);
  },
  remove: async (request: At) => remove(request, "autoprune", ownerOf),
});

const protecting = (ownerOf: OwnerOf) => ({
  list: async (request: Place) => {
    const policies = await list(request, "immutability", ownerOf);
    return { policies: policies.map((policy) => shownProtect(policy)) };
  },
  create: async (request: Place & { readonly body: ProtectBody }) => {
    const { administration } = request.context.accounts;
    const wish = protectWish(request.body);
    const uuid = await createProtectPolicy(administration, request.actor, ownerOf(request), wish);
    return { uuid };
  },
  get: async (request: At) => shownProtect(await get(request, "immutability", ownerOf)),
  update: async (request: At & { readonly body: ProtectBody }) => {
    const { context, actor, path, body } = request;
    const { administration } = context.accounts;
    const wish = protectWish(body);
    await changeProtectPolicy(administration, actor, ownerOf(request), path.policy_uuid, wish);
    return new Reply(undefined);
  },
  remove: async (request: At) => remove(request, "immutability", ownerOf),
});

const ofOrganization = pruning(OWNERS.organization);
const ofRepository = pruning(OWNERS.repository);
const ofUser = pruning(OWNERS.user);
const protectOrganization = protecting(OWNERS.organization);
const protectRepository = protecting(OWNERS.repository);

export const policyRoutes: readonly ApiRoute[] = [
  serve(endpoints.listOrganizationAutoPrunePolicies, ofOrganization.list),
  serve(endpoints.createOrganizationAutoPrunePolicy, ofOrganization.create),
  serve(endpoints.previewOrganizationAutoPrune, ofOrganization.preview),
  serve(endpoints.getOrganizationAutoPrunePolicy, ofOrganization.get),
  serve(endpoints.updateOrganizationAutoPrunePolicy, ofOrganization.update),
  serve(endpoints.deleteOrganizationAutoPrunePolicy, ofOrganization.remove),

  serve(endpoints.listRepositoryAutoPrunePolicies, ofRepository.list),
  serve(endpoints.createRepositoryAutoPrunePolicy, ofRepository.create),
  serve(endpoints.previewRepositoryAutoPrune, ofRepository.preview),
  serve(endpoints.getRepositoryAutoPrunePolicy, ofRepository.get),
  serve(endpoints.updateRepositoryAutoPrunePolicy, ofRepository.update),
  serve(endpoints.deleteRepositoryAutoPrunePolicy, ofRepository.remove),

  serve(endpoints.listUserAutoPrunePolicies, ofUser.list),
  serve(endpoints.createUserAutoPrunePolicy, ofUser.create),
  serve(endpoints.previewUserAutoPrune, ofUser.preview),
  serve(endpoints.getUserAutoPrunePolicy, ofUser.get),
  serve(endpoints.updateUserAutoPrunePolicy, ofUser.update),
  serve(endpoints.deleteUserAutoPrunePolicy, ofUser.remove),

  serve(endpoints.listOrgImmutabilityPolicies, protectOrganization.list),
  serve(endpoints.createOrgImmutabilityPolicy, protectOrganization.create),
  serve(endpoints.getOrgImmutabilityPolicy, protectOrganization.get),
  serve(endpoints.updateOrgImmutabilityPolicy, protectOrganization.update),
  serve(endpoints.deleteOrgImmutabilityPolicy, protectOrganization.remove),

  serve(endpoints.listRepositoryImmutabilityPolicies, protectRepository.list),
  serve(endpoints.createRepositoryImmutabilityPolicy, protectRepository.create),
  serve(endpoints.getRepositoryImmutabilityPolicy, protectRepository.get),
  serve(endpoints.updateRepositoryImmutabilityPolicy, protectRepository.update),
  serve(endpoints.deleteRepositoryImmutabilityPolicy, protectRepository.remove),
];

function list(request: Place, kind: PolicyRow["kind"], ownerOf: OwnerOf): Promise<PolicyRow[]> {
  return listPolicies(
    request.context.accounts.administration,
    request.actor,
    kind,
    ownerOf(request),
  );
}

function get(request: At, kind: PolicyRow["kind"], ownerOf: OwnerOf): Promise<PolicyRow> {
  const { context, actor, path } = request;
  const { administration } = context.accounts;
  return getPolicy(administration, actor, kind, ownerOf(request), path.policy_uuid);
}

async function remove(
  request: At,
  kind: PolicyRow["kind"],
  ownerOf: OwnerOf,
): Promise<{ uuid: string }> {
  const { context, actor, path } = request;
  const uuid = path.policy_uuid;
  await removePolicy(context.accounts.administration, actor, kind, ownerOf(request), uuid);
  return { uuid };
}

function pruneWish({ method, value, tagPattern, tagPatternMatches = true }: PruneBody): PruneWish {
  return { method, value, pattern: tagPattern ?? undefined, matches: tagPatternMatches };
}

function protectWish({ tagPattern, tagPatternMatches = true }: ProtectBody): ProtectWish {
  return { pattern: tagPattern, matches: tagPatternMatches };
}

function shownPrune({ uuid, method, value, tag_pattern: pattern, ...policy }: PolicyRow) {
  return {
    uuid,
    method: method ?? "number_of_tags",
    value: method === "number_of_tags" ? Number(value) : (value ?? ""),
    tagPattern: pattern,
    tagPatternMatches: policy.tag_pattern_matches === 1,
  };
}

function shownProtect({ uuid, tag_pattern: pattern, ...policy }: PolicyRow) {
  return {
    uuid,
    tagPattern: pattern ?? "",
    tagPatternMatches: policy.tag_pattern_matches === 1,
  };
}
