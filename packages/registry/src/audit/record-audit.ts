import type { AuditKind } from "@wharf/contract";
import type { Transaction } from "kysely";
import type { Actor } from "../accounts/admin/actor.ts";
import { accountIdOf, principalName } from "../accounts/principal.ts";
import type { Tables } from "../database/tables.ts";
import { recordEvent } from "../events/record-event.ts";
import type { AuditedDeed } from "./audited-deed.ts";

/** What was done, and to what. */
export interface Deed {
  readonly kind: AuditKind;
  /** User or organization that it belongs to. */
  readonly namespace?: { readonly id: number; readonly name: string } | undefined;
  readonly repository?:
    | {
        readonly id: number;
        readonly name: string;
        readonly namespaceId: number;
        readonly namespace: string;
      }
    | undefined;
  /** Quay's fields where it has the kind: `tag`, `manifest_digest`, `member`, `team`, `robot` … No secrets. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The registry itself, for what nobody asked for: expired tags, policies. */
export const REGISTRY: { readonly kind: "registry" } = Object.freeze({ kind: "registry" });

/**
 * Tells the audit log of a change, in the transaction that makes it. The entry stands in the log soon after the commit;
 * a change that is undone leaves none.
 *
 * @param at milliseconds since 1970
 */
export async function recordAudit(
  trx: Transaction<Tables>,
  actor: Actor | typeof REGISTRY,
  deed: Deed,
  at: number,
): Promise<void> {
  await recordEvent(trx, "audit", auditedDeed(actor, deed, at));
}

/** The entry as it is kept: what is known of actor and deed, flat. */
export function auditedDeed(
  actor: Actor | typeof REGISTRY,
  { kind, namespace, repository, metadata = {} }: Deed,
  at: number,
): AuditedDeed {
  return {
    at,
    kind,
    namespaceId: repository?.namespaceId ?? namespace?.id ?? null,
    namespace: repository?.namespace ?? namespace?.name ?? null,
    repositoryId: repository?.id ?? null,
    repository: repository?.name ?? null,
    ...performerOf(actor),
    metadata,
  };
}

type Performer = Pick<
  AuditedDeed,
  "performerId" | "performer" | "performerKind" | "via" | "address" | "userAgent"
>;

function performerOf(actor: Actor | typeof REGISTRY): Performer {
  const nobody = {
    performerId: null,
    performer: null,
    via: null,
    address: null,
    userAgent: null,
  };
  if (actor.kind === "registry") return { ...nobody, performerKind: "registry" };
  if (actor.kind === "operator") return { ...nobody, performerKind: "operator" };
  const origin = {
    address: actor.from?.address ?? null,
    userAgent: actor.from?.userAgent ?? null,
  };
  if (actor.kind === "anonymous") return { ...nobody, ...origin, performerKind: "anonymous" };
  if (actor.kind === "repository") {
    return { ...nobody, ...origin, performerKind: "token", performer: "$token" };
  }
  const name = principalName(actor) ?? null;
  return {
    ...origin,
    performerId: accountIdOf(actor) ?? null,
    performer: name,
    performerKind: name === null ? "anonymous" : name.includes("+") ? "robot" : "user",
    via: actor.kind === "account" ? viaOf(actor.shown) : "token",
  };
}

function viaOf(
  shown: { readonly kind: string; readonly title?: string } | undefined,
): string | null {
  if (shown === undefined) return null;
  return shown.title === undefined || shown.title === ""
    ? shown.kind
    : `${shown.kind} ${shown.title}`;
}
