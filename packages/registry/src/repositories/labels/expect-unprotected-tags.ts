import type { Digest } from "@wharf/image";
import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { tagProtection } from "../policies/tag-protection.ts";
import type { Repository } from "../repository.ts";
import { lockOpenTagsOf } from "../tag-store.ts";
import { tagImmutable } from "../tags/expect-unprotected.ts";

/**
 * A protected tag keeps the labels of what it points to.
 *
 * @returns the tags that point to it; they stay as they are until the transaction ends
 * @throws {RegistryError} TAG_IMMUTABLE
 */
export async function expectUnprotectedTags(
  trx: Transaction<Tables>,
  repository: Repository,
  digest: Digest,
): Promise<string[]> {
  const tags = await lockOpenTagsOf(trx, repository.id, [digest]);
  if (tags.length === 0) return [];
  const protects = await tagProtection(trx, repository);
  for (const { name, immutable } of tags) {
    const policy = protects(name);
    if (immutable === 1 || policy !== undefined) throw tagImmutable(name, "labelled", policy);
  }
  return tags.map(({ name }) => name);
}
