import type { Digest } from "@wharf/image";
import type { Transaction } from "kysely";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { REGISTRY } from "../../audit/performer.ts";
import type { Tables } from "../../database/tables.ts";
import { EXPIRES_AFTER, IMMUTABLE } from "../tags/tag-marks.ts";
import type { Repository } from "../repository.ts";
import { expireByLabel } from "../tags/expire-by-label.ts";

/**
 * Makes the tags of a manifest expire, or protects them, when its labels say so.
 *
 * @param about `labels`: the oldest first, the last one of a key counts; `tags`: those that were pushed, undefined: all
 *   that point to it and do not expire yet
 */
export async function applyLabels(
  trx: Transaction<Tables>,
  repository: Repository,
  about: {
    readonly digest: Digest;
    readonly labels: readonly { readonly key: string; readonly value: string }[];
    readonly tags?: readonly string[];
    readonly actor: Actor | typeof REGISTRY;
  },
  now: number,
): Promise<void> {
  const { digest, labels, tags, actor } = about;
  const expiresAfter = labels.findLast(({ key }) => key === EXPIRES_AFTER)?.value;
  const immutable = labels.findLast(({ key }) => key === IMMUTABLE)?.value === "true";
  if (expiresAfter === undefined && !immutable) return;
  await expireByLabel(
    trx,
    repository,
    {
      digest,
      actor,
      ...(tags === undefined ? {} : { tags }),
      ...(expiresAfter === undefined ? {} : { expiresAfter }),
      ...(immutable ? { immutable } : {}),
    },
    now,
  );
}
