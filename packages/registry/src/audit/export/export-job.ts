import { z } from "zod";
import { mailDate } from "../../api/mail-date.ts";
import type { RegistryContext } from "../../context.ts";
import { recordEvent } from "../../events/record-event.ts";
import { guardedFetch } from "../../http/outgoing/guarded-fetch.ts";
import { addJob } from "../../jobs/add-job.ts";
import { jobHandler, PermanentJobError } from "../../jobs/job-handler.ts";
import type { JobContext, JobHandler } from "../../jobs/job-handler.ts";
import { wantMail } from "../../mail/want-mail.ts";
import { AUDIT_EXPORTS, exportKey } from "../../storage/object-keys.ts";
import { auditedDeed } from "../audited-deed.ts";
import { findEntries } from "../audit-store.ts";
import { fileName, parseFileName } from "./export-file.ts";
import type { ExportFile } from "./export-file.ts";
import { logText } from "./log-text.ts";

export const EXPORT_JOB = "audit.export";
const CALLBACK_JOB = "audit.export-callback";

const ATTEMPTS = 8;

/** Between two looks for files whose time is over. */
const CLEANING_INTERVAL = 3_600_000;

const exportOrder = z.object({
  /** Name of the file. */
  file: z.string(),
  url: z.string(),
  scope: z
    .union([z.object({ namespaceId: z.int() }), z.object({ repositoryId: z.int() })])
    .nullable(),
  filter: z.object({
    from: z.int(),
    to: z.int(),
    performer: z.string().nullable(),
    kinds: z.array(z.string()).nullable().readonly(),
  }),
  namespace: z.string().nullable(),
  repository: z.string().nullable(),
  callbackUrl: z.string().nullable(),
  callbackEmail: z.string().nullable(),
  /** What the audit log says of it when it is done. */
  deed: auditedDeed,
});

export type ExportOrder = z.output<typeof exportOrder>;

/** Write exports, tell that they are there, throw them away when their time is over. */
export function exportJobs(context: RegistryContext): JobHandler[] {
  const { store, now } = context;
  return [
    jobHandler({
      kind: EXPORT_JOB,
      payload: exportOrder,
      maxAttempts: ATTEMPTS,
      run: (order, job) => runExport(context, order, job),
    }),
    jobHandler({
      kind: CALLBACK_JOB,
      payload: exportOrder,
      maxAttempts: 6,
      run: (order, { signal }) => callBack(context, order, signal),
    }),
    jobHandler({
      kind: "audit.expire-exports",
      payload: z.object({}),
      every: { milliseconds: CLEANING_INTERVAL, payload: {} },
      run: async () => {
        for await (const { key } of store.list(AUDIT_EXPORTS)) {
          const file = parseFileName(key.slice(AUDIT_EXPORTS.length));
          if (file !== undefined && file.until < now()) await store.delete(key);
        }
      },
    }),
  ];
}

async function runExport(
  context: RegistryContext,
  order: ExportOrder,
  { signal, attempt }: JobContext,
): Promise<void> {
  const { database, now } = context;
  const file = fileOf(order);
  try {
    await writeFile(context, order, file, signal);
  } catch (error) {
    if (attempt === ATTEMPTS) {
      const failure = { ...order.deed, kind: "export_logs_failure", at: now() };
      await database.transaction((trx) => recordEvent(trx, "audit", failure));
    }
    throw error;
  }
  await database.transaction(async (trx) => {
    await recordEvent(trx, "audit", { ...order.deed, at: now() });
    if (order.callbackUrl !== null) {
      await addJob(trx, { kind: CALLBACK_JOB, key: file.exportId, payload: order });
    }
    if (order.callbackEmail !== null) {
      const { url, namespace, repository, callbackEmail: email } = order;
      await wantMail(trx, { kind: "logs-exported", email, url, namespace, repository });
    }
  });
}

function fileOf({ file: name }: ExportOrder): ExportFile {
  const file = parseFileName(name);
  if (file === undefined) throw new PermanentJobError("the order names no file");
  return file;
}

/** An attempt before may have come so far already; its file is the same. */
async function writeFile(
  { database, store }: RegistryContext,
  { scope, filter, namespace, repository }: ExportOrder,
  file: ExportFile,
  signal: AbortSignal,
): Promise<void> {
  const key = exportKey(fileName(file));
  if ((await store.stat(key)) !== undefined) return;
  const { exportId, format } = file;
  const { from, to, performer, kinds } = filter;
  const query = {
    scope: scope ?? undefined,
    from,
    to,
    performer: performer ?? undefined,
    kinds: kinds ?? undefined,
  };
  const log = {
    format,
    exportId,
    from,
    to,
    namespace,
    repository,
    read: (page: Parameters<Parameters<typeof logText>[0]["read"]>[0]) =>
      findEntries(database.read, { ...query, ...page }),
  };
  const upload = `export-${exportId}`;
  await store.discardUpload(upload, undefined);
  await using writer = await store.openUpload(upload, undefined);
  for await (const text of logText(log, signal)) {
    if (text !== "") await writer.write(Buffer.from(text, "utf8"));
  }
  await writer.commit(key);
}

/** Quay's body. Whoever is not there is asked again some times. */
async function callBack(
  { config }: RegistryContext,
  order: ExportOrder,
  signal: AbortSignal,
): Promise<void> {
  const { callbackUrl, filter, namespace, repository, url } = order;
  if (callbackUrl === null) return;
  const { ok, status } = await guardedFetch(config.network, callbackUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      export_id: fileOf(order).exportId,
      start_time: mailDate(filter.from),
      end_time: mailDate(filter.to),
      namespace,
      repository,
      exported_data_url: url,
      status: "success",
    }),
    redirects: 0,
    signal,
  });
  if (!ok) throw new Error(`the callback of an export was answered with ${status}`);
}
