/** A request of a list, in a database that `fillDatabase` has filled. */
export interface ListRequest {
  /** Operation id of the endpoint. */
  readonly id: string;
  /** Below `/api/v1`. */
  readonly path: string;
  /** `member` is the user of {@link MEMBER}: in many teams of the largest organization, and admin of none of it. */
  readonly by: "superuser" | "member" | "anybody";
}

/** The first user. */
export const MEMBER = "user-0000";

const LARGEST = "/organization/org-000";
const MANY_TAGS = "/repository/org-000/repo-00000";
const LONG_HISTORY = "/repository/org-000/repo-00001";

/** Every list of the API, with the filters that are hard. */
export const LIST_REQUESTS: readonly ListRequest[] = [
  ...by("superuser", {
    listRepos: [
      "/repository",
      "/repository?sort=last_modified&last_modified=true&popularity=true",
      "/repository?namespace=org-000",
      "/repository?namespace=org-000&sort=last_modified",
      "/repository?q=repo-0019",
      "/repository?q=service",
      "/repository?q=service%20repo-00&sort=last_modified",
      "/repository?q=nothing%20of%20this",
      "/repository?public=true",
    ],
    listDeletedRepositories: ["/deletedrepositories?namespace=org-000"],
    listRepoTags: [
      `${MANY_TAGS}/tag`,
      `${MANY_TAGS}/tag?onlyActiveTags=true`,
      `${MANY_TAGS}/tag?onlyActiveTags=true&sort=name`,
      `${MANY_TAGS}/tag?onlyActiveTags=true&sort=size&order=asc`,
      `${MANY_TAGS}/tag?onlyActiveTags=true&filter_tag_name=like:0039`,
      `${MANY_TAGS}/tag?onlyActiveTags=true&filter_tag_name=like:nothing`,
      `${MANY_TAGS}/tag?filter_tag_name=eq:v-003900`,
      `${MANY_TAGS}/tag?onlyActiveTags=true&filter_regex=9$`,
      `${MANY_TAGS}/tag?at=2100-01-01T00:00:00Z`,
      `${LONG_HISTORY}/tag`,
      `${LONG_HISTORY}/tag?specificTag=latest`,
      `${LONG_HISTORY}/tag?onlyActiveTags=true`,
      `${LONG_HISTORY}/tag?at=2000-01-01T00:00:00Z`,
      "/repository/org-000/repo-00007/tag",
    ],
    listManifestLabels: [`${MANY_TAGS}/manifest/${manifest(0, 0)}/labels`],
    getRepo: [MANY_TAGS, `${MANY_TAGS}?includeTags=true&includeStats=true`],
    getRepoManifest: [`${MANY_TAGS}/manifest/${manifest(0, 0)}`],
    getTagPullStatistics: [`${MANY_TAGS}/tag/v-000000/pull_statistics`],
    getManifestPullStatistics: [`${MANY_TAGS}/manifest/${manifest(0, 0)}/pull_statistics`],
    listRepoUserPermissions: [`${MANY_TAGS}/permissions/user`],
    listRepoTeamPermissions: [`${MANY_TAGS}/permissions/team`],
    getUserTransitivePermission: [`${MANY_TAGS}/permissions/user/user-0007/transitive`],
    listRepoTokens: [`${MANY_TAGS}/tokens`],
    listRepoLogs: logs(MANY_TAGS),
    getAggregateRepoLogs: totals(MANY_TAGS),
    getOrganization: [LARGEST],
    getOrganizationMembers: [`${LARGEST}/members`],
    getOrganizationMember: [`${LARGEST}/members/${MEMBER}`],
    getOrganizationCollaborators: [`${LARGEST}/collaborators`],
    getOrganizationTeamMembers: [`${LARGEST}/team/team-0000/members`],
    getOrganizationTeamPermissions: [`${LARGEST}/team/team-0000/permissions`],
    getOrgRobots: [`${LARGEST}/robots`, `${LARGEST}/robots?permissions=true&token=true`],
    getOrgRobotPermissions: [`${LARGEST}/robots/robot-0000/permissions`],
    getOrganizationPrototypePermissions: [`${LARGEST}/prototypes`],
    getOrganizationApplications: [`${LARGEST}/applications`],
    listOrganizationApplicationTokens: [`${LARGEST}/applications/client-0/tokens`],
    listOrgLogs: logs(LARGEST),
    getAggregateOrgLogs: totals(LARGEST),
    listAllLogs: logs("/superuser"),
    listAllAggregateLogs: totals("/superuser"),
    listAllUsers: ["/superuser/users", "/superuser/users?disabled=false"],
    listAllOrganizations: ["/superuser/organizations"],
    listAllAppTokens: ["/superuser/apptokens", "/superuser/apptokens?expiring=true"],
    conductRepoSearch: [
      "/find/repositories?query=repo-0019",
      "/find/repositories?query=service&includeUsage=true",
      "/find/repositories?query=",
    ],
    conductSearch: ["/find/all?query=repo", "/find/all?query=user-00"],
    getMatchingEntities: ["/entities/user-0?namespace=org-000&includeTeams=true&includeOrgs=true"],
  }),
  ...by("member", {
    listRepos: [
      "/repository",
      "/repository?sort=last_modified",
      "/repository?namespace=org-000",
      "/repository?public=true&last_modified=true&popularity=true",
      "/repository?q=repo-0019",
      "/repository?q=service",
      "/repository?starred=true",
    ],
    listStarredRepos: ["/user/starred"],
    getLoggedInUser: ["/user"],
    getUserRobots: ["/user/robots?permissions=true"],
    listUserNotifications: ["/user/notifications", "/user/notifications?dismissed=true"],
    listAppTokens: ["/user/apptoken"],
    listUserAuthorizations: ["/user/authorizations"],
    listAssignedAuthorizations: ["/user/assignedauthorization"],
    listUserSessions: ["/user/sessions"],
    listUserLogs: ["/user/logs"],
    getAggregateUserLogs: ["/user/aggregatelogs"],
    conductRepoSearch: ["/find/repositories?query=service"],
    conductSearch: ["/find/all?query=repo"],
    getOrganization: [LARGEST],
  }),
  ...by("anybody", {
    listRepos: [
      "/repository?public=true",
      "/repository?public=true&sort=last_modified",
      "/repository?public=true&namespace=org-000",
      "/repository?public=true&q=service",
    ],
    conductRepoSearch: ["/find/repositories?query=service"],
    listRepoTags: [`${MANY_TAGS}/tag?onlyActiveTags=true`],
  }),
];

function by(
  who: ListRequest["by"],
  paths: Readonly<Record<string, readonly string[]>>,
): ListRequest[] {
  return Object.entries(paths).flatMap(([id, some]) => some.map((path) => ({ id, path, by: who })));
}

/** All kinds, common ones, ones that are rare; everybody, somebody who did much, somebody who did next to nothing. */
function logs(place: string): string[] {
  const since = "starttime=01/01/2000";
  return ["", "&kind=pull_repo", "&kind=org_create_team", "&kind=move_tag,delete_tag"].flatMap(
    (kinds) =>
      ["", "&performer=org-000%2Brobot-0000", "&performer=rare"].map(
        (performer) => `${place}/logs?${since}${kinds}${performer}`,
      ),
  );
}

function totals(place: string): string[] {
  const since = "starttime=01/01/2000";
  return [
    `${place}/aggregatelogs?${since}`,
    `${place}/aggregatelogs?${since}&kind=push_repo&performer=org-000%2Brobot-0000`,
  ];
}

/** As in fill-statements.ts. */
function manifest(r: number, m: number): string {
  return `sha256:${"a".repeat(50)}${String(r * 100_000 + m).padStart(14, "0")}`;
}
