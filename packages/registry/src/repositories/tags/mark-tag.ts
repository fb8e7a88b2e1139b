import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { tagProtection } from "../policies/tag-protection.ts";
import { updateOpenTag } from "../tag-store.ts";
import type { OpenTag } from "../tag-store.ts";
import { pointTag } from "./point-tag.ts";
import type { PointedTag, TagTarget } from "./point-tag.ts";
import type { TagMarks } from "./tag-marks.ts";

/**
 * Points a tag to an image that was pushed, with what the image says of its tags. Pushed once more under the same tag,
 * it says it again.
 *
 * @throws {RegistryError} `TAG_IMMUTABLE`
 */
export async function pointPushedTag(
  trx: Transaction<Tables>,
  repository: { readonly id: number; readonly namespaceId: number },
  target: Pick<TagTarget, "tag" | "digest" | "by">,
  marks: TagMarks,
  now: number,
): Promise<PointedTag> {
  const expires = await expiration(trx, repository, target.tag, marks, now);
  const { isImmutable } = marks;
  const marked = {
    ...target,
    isImmutable,
    ...(expires === undefined ? {} : { expiresAt: expires }),
  };
  const pointed = await pointTag(trx, repository, marked, now);
  const { open } = pointed;
  if (open !== undefined) await markOpenTag(trx, open, { expiresAt: expires, isImmutable });
  return pointed;
}

/** What is protected does not expire, unless that was said before. */
async function expiration(
  trx: Transaction<Tables>,
  repository: { readonly id: number; readonly namespaceId: number },
  tag: string,
  { expiresAfter }: TagMarks,
  now: number,
): Promise<number | undefined> {
  if (expiresAfter === undefined) return undefined;
  const protects = await tagProtection(trx, repository);
  return protects(tag) === undefined ? now + expiresAfter : undefined;
}

/** @returns whether anything changed */
export async function markOpenTag(
  trx: Transaction<Tables>,
  open: OpenTag,
  marks: { readonly expiresAt: number | undefined; readonly isImmutable: boolean },
): Promise<boolean> {
  const becomesImmutable = marks.isImmutable && open.immutable === 0;
  const expires =
    open.immutable === 1 || marks.isImmutable || marks.expiresAt === open.expiresAt
      ? undefined
      : marks.expiresAt;
  if (!becomesImmutable && expires === undefined) return false;
  await updateOpenTag(trx, open.id, {
    // What shall stay for ever does not expire.
    ...(becomesImmutable ? { immutable: 1, expires_at: null } : {}),
    ...(expires === undefined ? {} : { expires_at: expires }),
  });
  return true;
}
