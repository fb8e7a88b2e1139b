import type { Transaction } from "kysely";
import type { Actor } from "../../accounts/admin/actor.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { REGISTRY } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { tagProtection } from "../policies/tag-protection.ts";
import { lockOpenTagsOf } from "../tag-store.ts";
import { markOpenTag } from "./mark-tag.ts";
import { EXPIRES_AFTER, IMMUTABLE, tagMarks } from "./tag-marks.ts";

export interface LabelledImage {
  readonly digest: string;
  /** Tags that it was just pushed under: they expire anew. Undefined: all that point to it and have no expiration. */
  readonly tags?: readonly string[] | undefined;
  /** Text of the label, such as `2w`. */
  readonly expiresAfter?: string | undefined;
  readonly immutable?: boolean | undefined;
  readonly actor: Actor | typeof REGISTRY;
}

/**
 * Does what the labels of an image say to the tags that point to it. What is protected does not expire; a label that
 * cannot be read says nothing.
 *
 * @param now when it was pushed: from then on the named tags expire; the others count from their beginning
 */
export async function expireByLabel(
  trx: Transaction<Tables>,
  repository: {
    readonly id: number;
    readonly name: string;
    readonly namespaceId: number;
    readonly namespace: string;
  },
  { digest, tags, expiresAfter: text, immutable, actor }: LabelledImage,
  now: number,
): Promise<void> {
  const { expiresAfter, isImmutable } = tagMarks({
    ...(text === undefined ? {} : { [EXPIRES_AFTER]: text }),
    [IMMUTABLE]: String(immutable === true),
  });
  if (expiresAfter === undefined && !isImmutable) return;
  const open = await lockOpenTagsOf(trx, repository.id, [digest]);
  if (open.length === 0) return;
  const protects = await tagProtection(trx, repository);
  for (const tag of open) {
    const isNamed = tags?.includes(tag.name) === true;
    if (tags !== undefined && !isNamed) continue;
    // What has expired does not come to life again.
    if (tag.expiresAt !== null && tag.expiresAt <= now) continue;
    const mayExpire = (isNamed || tag.expiresAt === null) && protects(tag.name) === undefined;
    const expiresAt =
      expiresAfter === undefined || !mayExpire
        ? undefined
        : (isNamed ? now : tag.startedAt) + expiresAfter;
    if (!(await markOpenTag(trx, tag, { expiresAt, isImmutable }))) continue;
    const about = { tag: tag.name, manifest_digest: digest };
    const deed = isImmutable
      ? ({ kind: "change_tag_immutability", metadata: { ...about, immutable: true } } as const)
      : ({
          kind: "change_tag_expiration",
          metadata: {
            ...about,
            expiration_date: new Date(expiresAt ?? now).toISOString(),
            old_expiration_date:
              tag.expiresAt === null ? null : new Date(tag.expiresAt).toISOString(),
          },
        } as const);
    await recordAudit(trx, actor, { ...deed, repository }, now);
  }
}
