import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { avatarOf } from "../../accounts/avatar.ts";
import { findAccountKinds } from "../../accounts/account-store.ts";
import { SENT, serve } from "../../api/api-route.ts";
import type { ApiRequest, ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import { mailDate } from "../../api/mail-date.ts";
import { sendStream } from "../../http/send-stream.ts";
import type { EntryRow } from "../audit-store.ts";
import { startOfDay } from "../day-counts.ts";
import { entryView } from "../entry-view.ts";
import { logText } from "../export/log-text.ts";
import type { ExportFormat } from "../export/log-text.ts";
import { requestExport } from "../export/request-export.ts";
import { parseLogFilter } from "../log-filter.ts";
import type { LogFilterText } from "../log-filter.ts";
import type { LogScope } from "../log-scope.ts";
import { countLog, readLog } from "../read-log.ts";
import type { LogPage } from "../read-log.ts";

/** As in Quay. */
const PAGE = 20;

type Request<Query> = Pick<ApiRequest, "context" | "actor"> & { readonly query: Query };

export const logRoutes: readonly ApiRoute[] = [
  serve(endpoints.listRepoLogs, (request) => list(request, repositoryOf(request))),
  serve(endpoints.listOrgLogs, (request) => list(request, organizationOf(request))),
  serve(endpoints.listUserLogs, (request) => list(request, userOf(request))),
  serve(endpoints.listAllLogs, (request) => list(request, REGISTRY)),
  serve(endpoints.getAggregateRepoLogs, (request) => count(request, repositoryOf(request))),
  serve(endpoints.getAggregateOrgLogs, (request) => count(request, organizationOf(request))),
  serve(endpoints.getAggregateUserLogs, (request) => count(request, userOf(request))),
  serve(endpoints.listAllAggregateLogs, (request) => count(request, REGISTRY)),
  serve(endpoints.exportRepoLogs, (request) => send(request, repositoryOf(request))),
  serve(endpoints.exportOrgLogs, (request) => send(request, organizationOf(request))),
  serve(endpoints.exportUserLogs, (request) => send(request, userOf(request))),
  serve(endpoints.exportAllLogs, (request) => send(request, REGISTRY)),
  serve(endpoints.downloadRepoLogs, (request) => download(request, repositoryOf(request))),
  serve(endpoints.downloadOrgLogs, (request) => download(request, organizationOf(request))),
  serve(endpoints.downloadUserLogs, (request) => download(request, userOf(request))),
  serve(endpoints.downloadAllLogs, (request) => download(request, REGISTRY)),
];

const REGISTRY: LogScope = { kind: "registry" };

function repositoryOf({ repository }: Pick<ApiRequest, "repository">): LogScope {
  return { kind: "repository", repository };
}

function organizationOf({ namespace }: Pick<ApiRequest, "namespace">): LogScope {
  return { kind: "organization", namespace };
}

function userOf({ namespace }: Pick<ApiRequest, "namespace">): LogScope {
  return { kind: "user", namespace };
}

const cursor = z.object({ at: z.int(), id: z.int() });

type ListQuery = LogFilterText & {
  readonly limit?: number | undefined;
  readonly next_page?: string | undefined;
};

async function list({ context, actor, query }: Request<ListQuery>, scope: LogScope) {
  const { administration } = context.accounts;
  const filter = parseLogFilter(query, context.now());
  const limit = query.limit ?? PAGE;
  const rows = await readLog(administration, actor, scope, filter, {
    order: "newest",
    after: decodeCursor(query.next_page, cursor),
    limit: limit + 1,
  });
  const { entries, ...next } = pageOf(rows, limit, ({ at, id }) => ({ at, id }));
  const namespaces = scope.kind === "registry" ? await namespacesOf(context, entries) : undefined;
  return {
    start_time: mailDate(filter.from),
    end_time: mailDate(filter.to),
    logs: entries.map((row) => ({ ...entryView(row), ...namespaces?.(row) })),
    ...next,
  };
}

/** Quay tells the namespace only where the path does not name it. */
async function namespacesOf({ database }: Request<unknown>["context"], rows: readonly EntryRow[]) {
  const ids = rows.flatMap(({ namespace_id: id }) => id ?? []);
  const kinds = await findAccountKinds(database.read, [...new Set(ids)]);
  return ({ namespace_id: id, namespace: name }: EntryRow) => {
    if (id === null || name === null) return {};
    const kind = kinds.get(id) === "user" ? ("user" as const) : ("org" as const);
    return { namespace: { kind, name, avatar: avatarOf(name, kind) } };
  };
}

async function count({ context, actor, query }: Request<LogFilterText>, scope: LogScope) {
  const filter = parseLogFilter(query, context.now());
  const counts = await countLog(context.accounts.administration, actor, scope, filter);
  return {
    aggregated: counts.map(({ day, kind, entries }) => ({
      kind,
      count: entries,
      datetime: mailDate(startOfDay(day)),
    })),
  };
}

interface ExportBody {
  readonly callback_url?: string | null | undefined;
  readonly callback_email?: string | null | undefined;
  readonly format?: ExportFormat | undefined;
}

type SendRequest = Request<LogFilterText> &
  Pick<ApiRequest, "exchange"> & { readonly body: ExportBody };

async function send({ context, actor, exchange, query, body }: SendRequest, scope: LogScope) {
  const filter = parseLogFilter(query, context.now());
  const { exportId, url } = await requestExport(
    context.accounts.administration,
    actor,
    scope,
    filter,
    {
      format: body.format ?? "json",
      // Quay's clients send empty texts for what they do not mean.
      callbackUrl: body.callback_url || undefined,
      callbackEmail: body.callback_email || undefined,
      origin: exchange.origin,
    },
  );
  return { export_id: exportId, exported_data_url: url };
}

type DownloadRequest = Request<LogFilterText & { readonly format?: "ndjson" | "csv" | undefined }> &
  Pick<ApiRequest, "exchange" | "signal">;

const TYPES = { ndjson: "application/x-ndjson", csv: "text/csv; charset=utf-8" } as const;

async function download(
  { context, actor, exchange, query, signal }: DownloadRequest,
  scope: LogScope,
): Promise<typeof SENT> {
  const { administration } = context.accounts;
  const { format = "ndjson" } = query;
  const now = context.now();
  const { from, to, ...rest } = parseLogFilter(query, now);
  // What comes meanwhile does not belong to it: every download has an end.
  const filter = { from, to: Math.min(to, now + 1), ...rest };
  const log = {
    format,
    exportId: "",
    from,
    to: filter.to,
    namespace: null,
    repository: null,
    read: (page: LogPage) => readLog(administration, actor, scope, filter, page),
  };
  const headers = {
    "Content-Type": TYPES[format],
    "Content-Disposition": `attachment; filename="audit-log.${format}"`,
    "Cache-Control": "private, no-store",
  };
  await sendStream(exchange, headers, logText(log, signal));
  return SENT;
}
