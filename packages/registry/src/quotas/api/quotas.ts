// Long because it is one thing: quotas are reached on four ways.
import * as endpoints from "@wharf/contract/endpoints";
import { needAccount } from "../../accounts/admin/administration.ts";
import { serve } from "../../api/api-route.ts";
import type { ApiRequest, ApiRoute } from "../../api/api-route.ts";
import { RegistryError } from "../../http/registry-error.ts";
import {
  addLimit,
  changeLimit,
  changeQuota,
  createQuota,
  listQuotas,
  needLimit,
  needQuota,
  removeLimit,
  removeQuota,
} from "../manage-quotas.ts";
import type { QuotaNamespace } from "../manage-quotas.ts";
import type { Quota, QuotaLimit } from "../quota-store.ts";
import { quotaSizeOf, sizeText } from "../quota-size.ts";
import { getRegistrySize, queueRegistrySize } from "../registry-size.ts";

/** What the ways share: the request, and whose quota it is about. */
type Asked = Pick<ApiRequest, "actor" | "context">;
interface Size {
  readonly limit_bytes?: number | undefined;
  readonly limit?: string | undefined;
}

export const quotaRoutes: readonly ApiRoute[] = [
  serve(endpoints.listOrganizationQuota, ({ context, namespace }) => list({ context }, namespace)),
  serve(endpoints.createOrganizationQuota, (request) =>
    create(request, request.namespace, request.body),
  ),
  serve(endpoints.getOrganizationQuota, (request) =>
    describe(request, request.namespace, request.path.quota_id),
  ),
  serve(endpoints.changeOrganizationQuota, (request) =>
    change(request, request.namespace, request.path.quota_id, request.body),
  ),
  serve(endpoints.deleteOrganizationQuota, (request) =>
    remove(request, request.namespace, request.path.quota_id),
  ),
  serve(endpoints.listOrganizationQuotaLimit, async (request) => {
    const quota = await describe(request, request.namespace, request.path.quota_id);
    return quota.limits;
  }),
  serve(endpoints.createOrganizationQuotaLimit, (request) =>
    createLimit(request, request.namespace, request.path.quota_id, request.body),
  ),
  serve(endpoints.getOrganizationQuotaLimit, async (request) => {
    const { quota_id: quotaId, limit_id: limitId } = request.path;
    const { administration } = request.context.accounts;
    const quota = await needQuota(administration, request.namespace, numberOf(quotaId));
    return limitView(needLimit(quota, numberOf(limitId)));
  }),
  serve(endpoints.changeOrganizationQuotaLimit, async (request) => {
    const { actor, body, context, namespace, path } = request;
    const { administration } = context.accounts;
    const quotaId = numberOf(path.quota_id);
    await changeLimit(administration, actor, namespace, quotaId, numberOf(path.limit_id), {
      type: body.type,
      percent: body.threshold_percent,
    });
    context.quotas.forget(namespace.id);
    return describe(request, namespace, path.quota_id);
  }),
  serve(endpoints.deleteOrganizationQuotaLimit, (request) =>
    dropLimit(request, request.namespace, request.path),
  ),

  serve(endpoints.listUserQuota, ({ context, namespace }) => list({ context }, namespace)),
  serve(endpoints.getUserQuota, (request) =>
    describe(request, request.namespace, request.path.quota_id),
  ),
  serve(endpoints.listUserQuotaLimit, async (request) => {
    const quota = await describe(request, request.namespace, request.path.quota_id);
    return quota.limits;
  }),
  // As in Quay: the limit is only looked for, the answer is its quota.
  serve(endpoints.getUserQuotaLimit, async (request) => {
    const { quota_id: quotaId, limit_id: limitId } = request.path;
    const { administration } = request.context.accounts;
    const quota = await needQuota(administration, request.namespace, numberOf(quotaId));
    needLimit(quota, numberOf(limitId));
    return quotaView(request.context, quota);
  }),

  serve(endpoints.listOrganizationQuotaSuperUser, async (request) =>
    list(request, await organizationOf(request)),
  ),
  serve(endpoints.createOrganizationQuotaSuperUser, async (request) =>
    create(request, await organizationOf(request), request.body),
  ),
  serve(endpoints.changeOrganizationQuotaSuperUser, async (request) =>
    change(request, await organizationOf(request), request.path.quota_id, request.body),
  ),
  serve(endpoints.deleteOrganizationQuotaSuperUser, async (request) =>
    remove(request, await organizationOf(request), request.path.quota_id),
  ),
  serve(endpoints.listUserQuotaSuperUser, async (request) => list(request, await userOf(request))),
  serve(endpoints.createUserQuotaSuperUser, async (request) =>
    create(request, await userOf(request), request.body),
  ),
  serve(endpoints.changeUserQuotaSuperUser, async (request) =>
    change(request, await userOf(request), request.path.quota_id, request.body),
  ),
  serve(endpoints.deleteUserQuotaSuperUser, async (request) =>
    remove(request, await userOf(request), request.path.quota_id),
  ),
  serve(endpoints.createUserQuotaLimitSuperUser, async (request) =>
    createLimit(request, await userOf(request), request.path.quota_id, request.body),
  ),
  serve(endpoints.deleteUserQuotaLimitSuperUser, async (request) =>
    dropLimit(request, await userOf(request), request.path),
  ),

  serve(endpoints.getRegistrySize, async ({ actor, context }) => {
    const size = await getRegistrySize(context.accounts.administration, actor);
    return {
      size_bytes: size.bytes,
      last_ran: size.measuredAt ?? null,
      queued: size.isQueued,
      running: size.isRunning,
      ...(size.measuredAt === undefined
        ? {}
        : { measured_at: new Date(size.measuredAt).toISOString() }),
    };
  }),
  serve(endpoints.queueRegistrySizeCalculation, async ({ actor, context }) => {
    await queueRegistrySize(context.accounts.administration, actor);
    return {};
  }),
];

async function list({ context }: Pick<Asked, "context">, namespace: QuotaNamespace) {
  const quotas = await listQuotas(context.accounts.administration, namespace);
  return quotas.map((quota) => quotaView(context, quota));
}

async function describe({ context }: Asked, namespace: QuotaNamespace, quotaId: string) {
  const { administration } = context.accounts;
  return quotaView(context, await needQuota(administration, namespace, numberOf(quotaId)));
}

async function create({ actor, context }: Asked, namespace: QuotaNamespace, body: Size) {
  const bytes = quotaSizeOf(body);
  if (bytes === undefined) {
    throw new RegistryError("PARAMETER_INVALID", "limit_bytes: is missing", {
      detail: { field: "limit_bytes" },
    });
  }
  await createQuota(context.accounts.administration, actor, namespace, bytes);
  context.quotas.forget(namespace.id);
  return "Created" as const;
}

async function change(request: Asked, namespace: QuotaNamespace, quotaId: string, body: Size) {
  const { actor, context } = request;
  const bytes = quotaSizeOf(body);
  if (bytes !== undefined) {
    const { administration } = context.accounts;
    await changeQuota(administration, actor, namespace, numberOf(quotaId), bytes);
    context.quotas.forget(namespace.id);
  }
  return describe(request, namespace, quotaId);
}

async function remove({ actor, context }: Asked, namespace: QuotaNamespace, quotaId: string) {
  await removeQuota(context.accounts.administration, actor, namespace, numberOf(quotaId));
  context.quotas.forget(namespace.id);
  return undefined;
}

async function createLimit(
  { actor, context }: Asked,
  namespace: QuotaNamespace,
  quotaId: string,
  body: { readonly type: QuotaLimit["type"]; readonly threshold_percent: number },
) {
  const limit = { type: body.type, percent: body.threshold_percent };
  await addLimit(context.accounts.administration, actor, namespace, numberOf(quotaId), limit);
  context.quotas.forget(namespace.id);
  return "Created" as const;
}

async function dropLimit(
  { actor, context }: Asked,
  namespace: QuotaNamespace,
  {
    quota_id: quotaId,
    limit_id: limitId,
  }: { readonly quota_id: string; readonly limit_id: string },
) {
  const { administration } = context.accounts;
  await removeLimit(administration, actor, namespace, numberOf(quotaId), numberOf(limitId));
  context.quotas.forget(namespace.id);
  return undefined;
}

type Named = Pick<ApiRequest, "context"> & { readonly path: { readonly namespace: string } };

function organizationOf({ context, path }: Named): Promise<QuotaNamespace> {
  return needAccount(context.accounts.administration, path.namespace, ["organization"]);
}

function userOf({ context, path }: Named): Promise<QuotaNamespace> {
  return needAccount(context.accounts.administration, path.namespace, ["user"]);
}

/** Anything that is no id of ours names nothing. */
function numberOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : -1;
}

function quotaView(context: Asked["context"], quota: Quota) {
  return {
    id: quota.id,
    limit_bytes: quota.limitBytes,
    limit: sizeText(quota.limitBytes),
    default_config: quota.id === 0,
    limits: quota.limits.map(limitView),
    default_config_exists: context.config.registry.defaultQuota !== undefined,
  };
}

function limitView({ id, type, percent }: QuotaLimit) {
  return { id, type, limit_percent: percent };
}
