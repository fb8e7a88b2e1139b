import type { AuditKind } from "@wharf/contract";
import type { Transaction } from "kysely";
import type { Actor } from "../accounts/admin/actor.ts";
import type { Tables } from "../database/tables.ts";
import { recordEvent } from "../events/record-event.ts";
import type { AuditedDeed } from "./audited-deed.ts";
import { boundedMetadata } from "./bounded-metadata.ts";
import { performerOf } from "./performer.ts";
import type { REGISTRY } from "./performer.ts";

export { REGISTRY } from "./performer.ts";

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
  await recordEvent(trx, "audit", deedOf(actor, deed, at));
}

/** The entry as it is kept: what is known of actor and deed, flat. */
export function deedOf(
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
    metadata: boundedMetadata(metadata),
  };
}
