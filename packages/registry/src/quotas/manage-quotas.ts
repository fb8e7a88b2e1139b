// Long because it is one thing: a quota and its limits, from setting to removing.
import type { Transaction } from "kysely";
import type { AuditKind } from "@wharf/contract";
import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { recordAudit } from "../audit/record-audit.ts";
import type { Tables } from "../database/tables.ts";
import { RegistryError } from "../http/registry-error.ts";
import { addJob } from "../jobs/add-job.ts";
import { effectiveQuota } from "./effective-quota.ts";
import {
  deleteLimit,
  deleteQuota,
  insertLimit,
  insertQuota,
  lockQuota,
  updateLimit,
  updateQuota,
} from "./quota-store.ts";
import type { Quota, QuotaLimit } from "./quota-store.ts";
import { usageJob } from "./usage-job.ts";

/** A user or organization. */
export interface QuotaNamespace {
  readonly id: number;
  readonly name: string;
}

/** The quota that holds for a namespace: its own, or the default of the configuration. Looks at no rights. */
export async function listQuotas(
  { database, config }: Pick<Administration, "database" | "config">,
  namespace: { readonly id: number },
): Promise<readonly Quota[]> {
  const quota = await effectiveQuota(database.read, config, namespace.id);
  return quota === undefined ? [] : [quota];
}

/** @throws {RegistryError} `NOT_FOUND` for the id of another quota. Looks at no rights */
export async function needQuota(
  administration: Pick<Administration, "database" | "config">,
  namespace: { readonly id: number },
  quotaId: number,
): Promise<Quota> {
  const [quota] = await listQuotas(administration, namespace);
  if (quota?.id !== quotaId) throw unknownQuota();
  return quota;
}

/** @throws {RegistryError} `NOT_FOUND` */
export function needLimit(quota: Quota, limitId: number): QuotaLimit {
  const limit = quota.limits.find(({ id }) => id === limitId);
  if (limit === undefined) throw new RegistryError("NOT_FOUND", "the quota has no such limit");
  return limit;
}

/** @throws {RegistryError} `DENIED`; `CONFLICT`, 400, when the namespace has a quota */
export async function createQuota(
  administration: Administration,
  actor: Actor,
  namespace: QuotaNamespace,
  limitBytes: number,
): Promise<void> {
  const { database, rights, now } = administration;
  await rights.require(actor, "superuser");
  await database.transaction(async (trx) => {
    if (!(await insertQuota(trx, namespace.id, limitBytes, now()))) {
      throw new RegistryError("CONFLICT", `Quota for '${namespace.name}' already exists`, {
        status: 400,
        detail: { namespace: namespace.name },
      });
    }
    await addJob(trx, usageJob(namespace.id));
    const metadata = { limit: limitBytes };
    await record(trx, actor, { kind: "org_create_quota", namespace, metadata }, now());
  });
}

/** @throws {RegistryError} `DENIED`, `NOT_FOUND` */
export async function changeQuota(
  administration: Administration,
  actor: Actor,
  namespace: QuotaNamespace,
  quotaId: number,
  limitBytes: number,
): Promise<void> {
  await changing(administration, actor, namespace, quotaId, async (trx, quota) => {
    await updateQuota(trx, quota.id, limitBytes);
    return {
      kind: "org_change_quota",
      metadata: { limit: limitBytes, previous: quota.limitBytes },
    };
  });
}

/** @throws {RegistryError} `DENIED`, `NOT_FOUND` */
export async function removeQuota(
  administration: Administration,
  actor: Actor,
  namespace: QuotaNamespace,
  quotaId: number,
): Promise<void> {
  await changing(administration, actor, namespace, quotaId, async (trx, quota) => {
    await deleteQuota(trx, quota.id);
    return { kind: "org_delete_quota", metadata: { limit: quota.limitBytes } };
  });
}

/** @throws {RegistryError} `DENIED`, `NOT_FOUND`; `CONFLICT`, 400, for the same limit, and a second one that refuses */
export async function addLimit(
  administration: Administration,
  actor: Actor,
  namespace: QuotaNamespace,
  quotaId: number,
  limit: Pick<QuotaLimit, "type" | "percent">,
): Promise<void> {
  await changing(administration, actor, namespace, quotaId, async (trx, quota) => {
    checkLimit(quota.limits, limit);
    await insertLimit(trx, quota.id, limit);
    return { kind: "org_create_quota_limit", metadata: facts(limit) };
  });
}

/** @throws {RegistryError} as {@link addLimit} */
export async function changeLimit(
  administration: Administration,
  actor: Actor,
  namespace: QuotaNamespace,
  quotaId: number,
  limitId: number,
  changes: {
    readonly type?: QuotaLimit["type"] | undefined;
    readonly percent?: number | undefined;
  },
): Promise<void> {
  await changing(administration, actor, namespace, quotaId, async (trx, quota) => {
    const old = needLimit(quota, limitId);
    const type = changes.type ?? old.type;
    const limit = { id: old.id, type, percent: changes.percent ?? old.percent };
    const others = quota.limits.filter(({ id }) => id !== limitId);
    checkLimit(others, limit);
    await updateLimit(trx, limit);
    return { kind: "org_change_quota_limit", metadata: facts(limit) };
  });
}

/** @throws {RegistryError} `DENIED`, `NOT_FOUND` */
export async function removeLimit(
  administration: Administration,
  actor: Actor,
  namespace: QuotaNamespace,
  quotaId: number,
  limitId: number,
): Promise<void> {
  await changing(administration, actor, namespace, quotaId, async (trx, quota) => {
    const limit = needLimit(quota, limitId);
    await deleteLimit(trx, limit.id);
    return { kind: "org_delete_quota_limit", metadata: facts(limit) };
  });
}

/** The quota is locked, so that two changes see each other. */
async function changing(
  { database, rights, now }: Administration,
  actor: Actor,
  namespace: QuotaNamespace,
  quotaId: number,
  change: (
    trx: Transaction<Tables>,
    quota: Quota,
  ) => Promise<{ readonly kind: AuditKind; readonly metadata: Readonly<Record<string, unknown>> }>,
): Promise<void> {
  await rights.require(actor, "superuser");
  await database.transaction(async (trx) => {
    const quota = await lockQuota(trx, database.dialect, namespace.id);
    if (quota?.id !== quotaId) throw unknownQuota();
    const deed = await change(trx, quota);
    await addJob(trx, usageJob(namespace.id));
    await record(trx, actor, { ...deed, namespace }, now());
  });
}

async function record(
  trx: Transaction<Tables>,
  actor: Actor,
  deed: {
    readonly kind: AuditKind;
    readonly namespace: QuotaNamespace;
    readonly metadata: Readonly<Record<string, unknown>>;
  },
  now: number,
): Promise<void> {
  const metadata = { namespace: deed.namespace.name, ...deed.metadata };
  await recordAudit(trx, actor, { ...deed, metadata }, now);
}

function checkLimit(
  others: readonly QuotaLimit[],
  { type, percent }: Pick<QuotaLimit, "type" | "percent">,
): void {
  if (others.some((limit) => limit.type === type && limit.percent === percent)) {
    throw taken("Quota limit already exists", "threshold_percent");
  }
  if (type === "Reject" && others.some((limit) => limit.type === "Reject")) {
    throw taken("Only one quota limit of type 'Reject' allowed.", "type");
  }
}

function taken(message: string, field: string): RegistryError {
  return new RegistryError("CONFLICT", message, { status: 400, detail: { field } });
}

function facts({ type, percent }: Pick<QuotaLimit, "type" | "percent">): Record<string, unknown> {
  return { type, threshold_percent: percent };
}

function unknownQuota(): RegistryError {
  return new RegistryError("NOT_FOUND", "there is no such quota");
}
