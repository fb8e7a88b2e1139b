// Long because it is one thing: the audit log, read in four ways at four places.
import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { avatar, mailDate, nextPage, page, text, timestamp } from "../values.ts";

/** What is asked for; the same for lists, totals and exports. */
const filter = {
  starttime: text(64)
    .optional()
    .describe(
      "first moment: `mm/dd/YYYY`, `mm/dd/YYYY HH:MM UTC` or RFC 3339; missing: a day before the end",
    ),
  endtime: text(64)
    .optional()
    .describe("last day (`mm/dd/YYYY`, to its end) or moment, as `starttime`; missing: now"),
  performer: text(255)
    .optional()
    .describe("who did it: a user, a robot such as `team+ci`, or `$token`"),
  kind: text(2000).optional().describe("kinds of entries, separated by commas"),
};

const entry = z.object({
  id: z.string(),
  kind: z.string().describe("as `kinds` of the reference say; newer versions may have more"),
  metadata: z.record(z.string(), z.unknown()).describe("what it was about; depends on the kind"),
  ip: z.string().nullable().describe("address of the client"),
  datetime: mailDate,
  time: timestamp,
  performer: z
    .object({
      kind: z.enum(["user", "token", "operator", "registry"]),
      name: z.string(),
      is_robot: z.boolean(),
      avatar,
    })
    .optional()
    .describe("missing: somebody without a login"),
  via: z
    .string()
    .nullable()
    .describe("what was shown: `password`, `session`, kind and title of a token"),
  user_agent: z.string().nullable(),
  repository: z.string().nullable().describe("full name at that time"),
  namespace: z
    .object({ kind: z.enum(["org", "user"]), name: z.string(), avatar })
    .optional()
    .describe("user or organization that it belongs to; for superusers"),
});

const list = {
  query: z.object({ ...filter, ...page }),
  status: 200,
  answer: z.object({
    start_time: mailDate,
    end_time: mailDate,
    logs: z.array(entry).describe("the newest first; 20 unless `limit` says otherwise"),
    next_page: nextPage,
  }),
  quay: "extended: kinds, performers, limit, exact times; a time that is none is refused",
} as const;

const totals = {
  query: z.object(filter),
  status: 200,
  answer: z.object({
    aggregated: z.array(
      z.object({
        kind: z.string(),
        count: z.int(),
        datetime: mailDate.describe("beginning of the day, UTC"),
      }),
    ),
  }),
  quay: "extended: kinds, performers; kept longer than the entries",
} as const;

const exporting = {
  query: z.object(filter),
  body: z.object({
    callback_url: text(2048)
      .nullable()
      .optional()
      .describe("is sent a POST with the link to the export when it is there"),
    callback_email: text(254).nullable().optional().describe("is sent the link by mail"),
    format: z.enum(["json", "ndjson", "csv"]).optional().describe("`json` where it is missing"),
  }),
  status: 200,
  answer: z.object({
    export_id: z.string(),
    exported_data_url: z
      .string()
      .describe("where it will be soon, for a day; whoever knows the link can read it"),
  }),
  quay: "extended: the link, formats, kinds and performers",
} as const;

const download = {
  query: z.object({
    ...filter,
    format: z.enum(["ndjson", "csv"]).optional().describe("`ndjson` where it is missing"),
  }),
  status: 200,
  content: ["application/x-ndjson", "text/csv"],
  quay: "new: everything that the filter finds, the oldest first, in one answer",
} as const;

const REPOSITORY = "/api/v1/repository/{repository}";
const ORGANIZATION = "/api/v1/organization/{orgname}";
const USER = "/api/v1/user";
const SUPERUSER = "/api/v1/superuser";

export const listRepoLogs = endpoint({
  id: "listRepoLogs",
  method: "GET",
  path: `${REPOSITORY}/logs`,
  section: "logs",
  summary: "List what was done in a repository.",
  right: "repository.admin",
  ...list,
});

export const getAggregateRepoLogs = endpoint({
  id: "getAggregateRepoLogs",
  method: "GET",
  path: `${REPOSITORY}/aggregatelogs`,
  section: "logs",
  summary: "Count what was done in a repository, by kind and day.",
  right: "repository.admin",
  ...totals,
});

export const exportRepoLogs = endpoint({
  id: "exportRepoLogs",
  method: "POST",
  path: `${REPOSITORY}/exportlogs`,
  section: "logs",
  summary: "Export the audit log of a repository to a file, and tell where it is.",
  right: "repository.admin",
  ...exporting,
});

export const downloadRepoLogs = endpoint({
  id: "downloadRepoLogs",
  method: "GET",
  path: `${REPOSITORY}/logs/export`,
  section: "logs",
  summary: "Download the audit log of a repository.",
  right: "repository.admin",
  ...download,
});

export const listOrgLogs = endpoint({
  id: "listOrgLogs",
  method: "GET",
  path: `${ORGANIZATION}/logs`,
  section: "logs",
  summary: "List what was done in an organization and its repositories.",
  right: "organization.admin",
  ...list,
});

export const getAggregateOrgLogs = endpoint({
  id: "getAggregateOrgLogs",
  method: "GET",
  path: `${ORGANIZATION}/aggregatelogs`,
  section: "logs",
  summary: "Count what was done in an organization, by kind and day.",
  right: "organization.admin",
  ...totals,
});

export const exportOrgLogs = endpoint({
  id: "exportOrgLogs",
  method: "POST",
  path: `${ORGANIZATION}/exportlogs`,
  section: "logs",
  summary: "Export the audit log of an organization to a file, and tell where it is.",
  right: "organization.admin",
  ...exporting,
});

export const downloadOrgLogs = endpoint({
  id: "downloadOrgLogs",
  method: "GET",
  path: `${ORGANIZATION}/logs/export`,
  section: "logs",
  summary: "Download the audit log of an organization.",
  right: "organization.admin",
  ...download,
});

export const listUserLogs = endpoint({
  id: "listUserLogs",
  method: "GET",
  path: `${USER}/logs`,
  section: "logs",
  summary: "List what was done in your account and its repositories.",
  right: "self.admin",
  ...list,
});

export const getAggregateUserLogs = endpoint({
  id: "getAggregateUserLogs",
  method: "GET",
  path: `${USER}/aggregatelogs`,
  section: "logs",
  summary: "Count what was done in your account, by kind and day.",
  right: "self.admin",
  ...totals,
});

export const exportUserLogs = endpoint({
  id: "exportUserLogs",
  method: "POST",
  path: `${USER}/exportlogs`,
  section: "logs",
  summary: "Export the audit log of your account to a file, and tell where it is.",
  right: "self.admin",
  ...exporting,
});

export const downloadUserLogs = endpoint({
  id: "downloadUserLogs",
  method: "GET",
  path: `${USER}/logs/export`,
  section: "logs",
  summary: "Download the audit log of your account.",
  right: "self.admin",
  ...download,
});

export const listAllLogs = endpoint({
  id: "listAllLogs",
  method: "GET",
  path: `${SUPERUSER}/logs`,
  section: "superuser",
  summary: "List what was done in the whole registry.",
  right: "superuser",
  ...list,
});

export const listAllAggregateLogs = endpoint({
  id: "listAllAggregateLogs",
  method: "GET",
  path: `${SUPERUSER}/aggregatelogs`,
  section: "superuser",
  summary: "Count what was done in the whole registry, by kind and day.",
  right: "superuser",
  ...totals,
});

export const exportAllLogs = endpoint({
  id: "exportAllLogs",
  method: "POST",
  path: `${SUPERUSER}/exportlogs`,
  section: "superuser",
  summary: "Export the audit log of the whole registry to a file, and tell where it is.",
  right: "superuser",
  ...exporting,
  quay: "new: Quay exports those of one namespace or repository only",
});

export const downloadAllLogs = endpoint({
  id: "downloadAllLogs",
  method: "GET",
  path: `${SUPERUSER}/logs/export`,
  section: "superuser",
  summary: "Download the audit log of the whole registry.",
  right: "superuser",
  ...download,
});
