import type { Sample, Samples } from "../sample.ts";

const GONE = /^404 NOT_FOUND$/;
const WRONG = /^400 PARAMETER_INVALID$/;

/** Of a quota that is not there. */
function quotaSamples(place: string, ids: Readonly<Record<string, string>>): Samples {
  const requests: readonly (readonly [string, Sample])[] = [
    ["list", { path: `${place}/quota`, granted: /^200$/ }],
    ["create", { path: `${place}/quota`, body: { limit: "much" }, granted: WRONG }],
    ["get", { path: `${place}/quota/999`, granted: GONE }],
    ["change", { path: `${place}/quota/999`, body: { limit_bytes: 1 }, granted: GONE }],
    ["delete", { path: `${place}/quota/999`, granted: GONE }],
    ["listLimits", { path: `${place}/quota/999/limit`, granted: GONE }],
    [
      "createLimit",
      {
        path: `${place}/quota/999/limit`,
        body: { type: "Reject", threshold_percent: 100 },
        granted: GONE,
      },
    ],
    ["getLimit", { path: `${place}/quota/999/limit/1`, granted: GONE }],
    ["changeLimit", { path: `${place}/quota/999/limit/1`, body: {}, granted: GONE }],
    ["deleteLimit", { path: `${place}/quota/999/limit/1`, granted: GONE }],
  ];
  return Object.fromEntries(
    requests.flatMap(([what, sample]) => {
      const id = ids[what];
      return id === undefined ? [] : [[id, sample]];
    }),
  );
}

export const repositorySamples: Samples = {
  listRepos: { path: "/repository?public=true", granted: /^200$/ },
  createRepo: {
    path: "/repository",
    body: { repository: "no name", visibility: "private", description: "" },
    granted: /^400 NAME_INVALID$/,
  },
  getRepo: { path: "/repository/team/app", granted: /^200$/ },
  updateRepo: { path: "/repository/team/app", body: { description: 1 }, granted: WRONG },
  deleteRepository: { path: "/repository/team/app?permanent=perhaps", granted: WRONG },
  changeRepoVisibility: {
    path: "/repository/team/app/changevisibility",
    body: { visibility: "secret" },
    granted: WRONG,
  },
  changeRepoState: {
    path: "/repository/team/app/changestate",
    body: { state: "MIRROR" },
    granted: WRONG,
  },
  listDeletedRepositories: { path: "/deletedrepositories?namespace=team", granted: /^200$/ },
  restoreDeletedRepository: {
    path: "/deletedrepositories/999999/restore",
    body: {},
    granted: GONE,
  },
  purgeDeletedRepository: { path: "/deletedrepositories/999999", granted: GONE },

  listStarredRepos: { path: "/user/starred", granted: /^200$/ },
  createStar: {
    path: "/user/starred",
    body: { namespace: "nobody", repository: "nothing" },
    granted: /^404 NAME_UNKNOWN$/,
  },
  deleteStar: { path: "/user/starred/nobody/nothing", granted: /^404 NAME_UNKNOWN$/ },

  conductRepoSearch: { path: "/find/repositories?query=app", granted: /^200$/ },
  conductSearch: { path: "/find/all?query=app", granted: /^200$/ },

  ...quotaSamples("/organization/team", {
    list: "listOrganizationQuota",
    create: "createOrganizationQuota",
    get: "getOrganizationQuota",
    change: "changeOrganizationQuota",
    delete: "deleteOrganizationQuota",
    listLimits: "listOrganizationQuotaLimit",
    createLimit: "createOrganizationQuotaLimit",
    getLimit: "getOrganizationQuotaLimit",
    changeLimit: "changeOrganizationQuotaLimit",
    deleteLimit: "deleteOrganizationQuotaLimit",
  }),
  ...quotaSamples("/user", {
    list: "listUserQuota",
    get: "getUserQuota",
    listLimits: "listUserQuotaLimit",
    getLimit: "getUserQuotaLimit",
  }),
  ...quotaSamples("/superuser/organization/team", {
    list: "listOrganizationQuotaSuperUser",
    create: "createOrganizationQuotaSuperUser",
    change: "changeOrganizationQuotaSuperUser",
    delete: "deleteOrganizationQuotaSuperUser",
  }),
  ...quotaSamples("/superuser/users/carol", {
    list: "listUserQuotaSuperUser",
    create: "createUserQuotaSuperUser",
    change: "changeUserQuotaSuperUser",
    delete: "deleteUserQuotaSuperUser",
    createLimit: "createUserQuotaLimitSuperUser",
    deleteLimit: "deleteUserQuotaLimitSuperUser",
  }),
  getRegistrySize: { path: "/superuser/registrysize", granted: /^200$/ },
  queueRegistrySizeCalculation: { path: "/superuser/registrysize", granted: /^202$/ },
};
