import type { Samples } from "../sample.ts";

const TAG = "/repository/team/app/tag";
const NONE = "00000000-0000-0000-0000-000000000000";

/** Bodies that are refused with 400 change nothing. */
const wrong = { granted: /^400 PARAMETER_INVALID$/ };
const unknownPolicy = { granted: /^404 NOT_FOUND$/ };
const listed = { granted: /^200$/ };

const prunePolicies = (place: string, name: string): Samples => ({
  [`list${name}AutoPrunePolicies`]: { path: `${place}/autoprunepolicy`, ...listed },
  [`create${name}AutoPrunePolicy`]: {
    path: `${place}/autoprunepolicy`,
    body: { method: "none" },
    ...wrong,
  },
  [`preview${name}AutoPrune`]: {
    path: `${place}/autoprunepolicy/preview`,
    body: { method: "number_of_tags", value: 100 },
    ...listed,
  },
  [`get${name}AutoPrunePolicy`]: { path: `${place}/autoprunepolicy/${NONE}`, ...unknownPolicy },
  [`update${name}AutoPrunePolicy`]: {
    path: `${place}/autoprunepolicy/${NONE}`,
    body: { method: "none" },
    ...wrong,
  },
  [`delete${name}AutoPrunePolicy`]: { path: `${place}/autoprunepolicy/${NONE}`, ...unknownPolicy },
});

const protectPolicies = (place: string, name: string): Samples => ({
  [`list${name}ImmutabilityPolicies`]: { path: `${place}/immutabilitypolicy`, ...listed },
  [`create${name}ImmutabilityPolicy`]: {
    path: `${place}/immutabilitypolicy`,
    body: { tagPattern: "(" },
    ...wrong,
  },
  [`get${name}ImmutabilityPolicy`]: {
    path: `${place}/immutabilitypolicy/${NONE}`,
    ...unknownPolicy,
  },
  [`update${name}ImmutabilityPolicy`]: {
    path: `${place}/immutabilitypolicy/${NONE}`,
    body: { tagPattern: "(" },
    ...wrong,
  },
  [`delete${name}ImmutabilityPolicy`]: {
    path: `${place}/immutabilitypolicy/${NONE}`,
    ...unknownPolicy,
  },
});

export const tagSamples: Samples = {
  listRepoTags: { path: TAG, ...listed },
  changeTag: { path: `${TAG}/v1`, body: { manifest_digest: "none" }, ...wrong },
  deleteFullTag: { path: `${TAG}/none`, granted: /^404 MANIFEST_UNKNOWN$/ },
  restoreTag: { path: `${TAG}/v1/restore`, body: {}, ...wrong },
  removeTagFromTimemachine: { path: `${TAG}/v1/expire`, body: {}, ...wrong },
  changeTags: {
    path: "/repository/team/app/tags:bulk",
    body: { operations: [] },
    ...wrong,
  },
  restoreTagsToTime: {
    path: "/repository/team/app/timemachine",
    body: { at: "never" },
    ...wrong,
  },
  ...prunePolicies("/organization/team", "Organization"),
  ...prunePolicies("/repository/team/app", "Repository"),
  ...prunePolicies("/user", "User"),
  ...protectPolicies("/organization/team", "Org"),
  ...protectPolicies("/repository/team/app", "Repository"),
};
