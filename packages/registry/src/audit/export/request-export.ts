import { checkEmail } from "../../accounts/users/email-rule.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { Administration } from "../../accounts/admin/administration.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { addJob } from "../../jobs/add-job.ts";
import type { LogFilter } from "../log-filter.ts";
import { entryScope, requireLog } from "../log-scope.ts";
import type { LogScope } from "../log-scope.ts";
import { deedOf } from "../record-audit.ts";
import type { Deed } from "../record-audit.ts";
import { EXPORT_JOB } from "./export-job.ts";
import type { ExportOrder } from "./export-job.ts";
import { fileLink, fileName, newExportFile } from "./export-file.ts";
import type { ExportFormat } from "./log-text.ts";

export interface ExportWish {
  readonly format: ExportFormat;
  /** Is told when the file is there. */
  readonly callbackUrl: string | undefined;
  readonly callbackEmail: string | undefined;
  /** Scheme and authority of the link, where the configuration says none. */
  readonly origin: string;
}

/**
 * Has a log written to a file, in the background.
 *
 * @returns the link, which works when the file is there
 * @throws {RegistryError} as `requireLog`; `PARAMETER_INVALID` for a callback that is none
 */
export async function requestExport(
  administration: Administration,
  actor: Actor,
  scope: LogScope,
  filter: LogFilter,
  { format, callbackUrl, callbackEmail, origin }: ExportWish,
): Promise<{ readonly exportId: string; readonly url: string }> {
  await requireLog(administration, actor, scope);
  const { config, database, now } = administration;
  if (callbackUrl !== undefined) checkUrl(callbackUrl, config.network.allowPlainHttp);
  if (callbackEmail !== undefined) checkMail(callbackEmail, config.mail !== undefined);
  const time = now();
  const file = newExportFile(format, time);
  const url = fileLink(config.server.url ?? origin, file);
  const { from, to, performer, kinds } = filter;
  const order: ExportOrder = {
    file: fileName(file),
    url,
    scope: entryScope(scope) ?? null,
    // What comes later, this very export among it, does not belong to it.
    filter: { from, to: Math.min(to, time), performer: performer ?? null, kinds: kinds ?? null },
    ...placeOf(scope),
    callbackUrl: callbackUrl ?? null,
    callbackEmail: callbackEmail ?? null,
    deed: deedOf(actor, deedOfExport(scope, file.exportId, callbackUrl, callbackEmail), time),
  };
  await database.transaction((trx) =>
    addJob(trx, { kind: EXPORT_JOB, key: file.exportId, payload: order }),
  );
  return { exportId: file.exportId, url };
}

function checkUrl(text: string, mayBePlain: boolean): void {
  const url = URL.parse(text);
  const isWeb = url?.protocol === "https:" || (mayBePlain && url?.protocol === "http:");
  if (isWeb && url.username === "" && url.password === "") return;
  throw new RegistryError(
    "PARAMETER_INVALID",
    `callback_url: must be an ${mayBePlain ? "http or " : ""}https URL without user and password`,
    { detail: { field: "callback_url" } },
  );
}

function checkMail(email: string, isMailSent: boolean): void {
  const field = "callback_email";
  try {
    checkEmail(email);
  } catch (cause) {
    const message = `${field}: must be such as alice@example.com`;
    throw new RegistryError("PARAMETER_INVALID", message, { detail: { field }, cause });
  }
  if (isMailSent) return;
  const message = `${field}: this registry sends no mail; fetch exported_data_url instead`;
  throw new RegistryError("PARAMETER_INVALID", message, { detail: { field } });
}

/** Quay's words for what is exported; null where it is more than that. */
function placeOf(scope: LogScope): Pick<ExportOrder, "namespace" | "repository"> {
  if (scope.kind === "registry") return { namespace: null, repository: null };
  if (scope.kind !== "repository") return { namespace: scope.namespace.name, repository: null };
  const { namespace, name } = scope.repository;
  return { namespace, repository: name.slice(namespace.length + 1) };
}

/** URLs of callbacks often have secrets in them: their host alone is told. */
function deedOfExport(
  scope: LogScope,
  exportId: string,
  callbackUrl: string | undefined,
  callbackEmail: string | undefined,
): Deed {
  return {
    kind: "export_logs_success",
    ...(scope.kind === "repository" ? { repository: scope.repository } : {}),
    ...("namespace" in scope ? { namespace: scope.namespace } : {}),
    metadata: {
      export_id: exportId,
      url: callbackUrl === undefined ? null : new URL(callbackUrl).origin,
      email: callbackEmail ?? null,
    },
  };
}
