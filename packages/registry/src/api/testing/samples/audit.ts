import type { Sample, Samples } from "../sample.ts";

/** The same four requests for each log. */
function samplesOf(place: string, ids: readonly [string, string, string, string]): Samples {
  const [list, count, send, download] = ids;
  const requests: readonly (readonly [string, Sample])[] = [
    [list, { path: `${place}/logs`, granted: /^200$/ }],
    [count, { path: `${place}/aggregatelogs`, granted: /^200$/ }],
    [
      send,
      {
        path: `${place}/exportlogs`,
        body: { callback_url: "ftp://nowhere" },
        granted: /^400 PARAMETER_INVALID$/,
      },
    ],
    [download, { path: `${place}/logs/export?format=csv`, granted: /^200$/ }],
  ];
  return Object.fromEntries(requests);
}

export const auditSamples: Samples = {
  ...samplesOf("/repository/team/app", [
    "listRepoLogs",
    "getAggregateRepoLogs",
    "exportRepoLogs",
    "downloadRepoLogs",
  ]),
  ...samplesOf("/organization/team", [
    "listOrgLogs",
    "getAggregateOrgLogs",
    "exportOrgLogs",
    "downloadOrgLogs",
  ]),
  ...samplesOf("/user", [
    "listUserLogs",
    "getAggregateUserLogs",
    "exportUserLogs",
    "downloadUserLogs",
  ]),
  ...samplesOf("/superuser", [
    "listAllLogs",
    "listAllAggregateLogs",
    "exportAllLogs",
    "downloadAllLogs",
  ]),
};
