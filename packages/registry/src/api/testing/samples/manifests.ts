import type { Samples } from "../sample.ts";

const ABSENT = "00000000-0000-4000-8000-000000000000";

export const manifestSamples: Samples = {
  getRepoManifest: {
    path: ({ digest }) => `/repository/team/app/manifest/${digest}`,
    granted: /^200$/,
  },
  deleteRepoManifest: {
    path: `/repository/team/app/manifest/sha256:${"0".repeat(64)}`,
    granted: /^404 MANIFEST_UNKNOWN$/,
  },
  getManifestPullStatistics: {
    path: ({ digest }) => `/repository/team/app/manifest/${digest}/pull_statistics`,
    granted: /^200$/,
  },
  getTagPullStatistics: {
    path: "/repository/team/app/tag/v1/pull_statistics",
    granted: /^200$/,
  },
  listManifestFiles: { path: "/repository/team/app/manifest/v1/files", granted: /^200$/ },
  listManifestLabels: {
    path: ({ digest }) => `/repository/team/app/manifest/${digest}/labels`,
    granted: /^200$/,
  },
  addManifestLabel: {
    path: ({ digest }) => `/repository/team/app/manifest/${digest}/labels`,
    body: { key: "No Key", value: "" },
    granted: /^400 PARAMETER_INVALID$/,
  },
  getManifestLabel: {
    path: `/repository/team/app/manifest/v1/labels/${ABSENT}`,
    granted: /^404 NOT_FOUND$/,
  },
  deleteManifestLabel: {
    path: `/repository/team/app/manifest/v1/labels/${ABSENT}`,
    granted: /^404 NOT_FOUND$/,
  },
  compareManifests: {
    path: "/repository/team/app/compare?base=v1&head=v1",
    granted: /^200$/,
  },
};
