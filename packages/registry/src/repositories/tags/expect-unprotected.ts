import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { tagProtection } from "../policies/tag-protection.ts";
import type { ProtectingPolicy } from "../policies/tag-protection.ts";
import type { OpenTag } from "../tag-store.ts";

/**
 * Refuses what must not be done to a protected tag. Its open interval was locked by the same transaction, so it cannot
 * become protected meanwhile.
 *
 * @param deed such as `moved`, for the message
 * @throws {RegistryError} `TAG_IMMUTABLE`
 */
export async function expectUnprotected(
  trx: Transaction<Tables>,
  repository: { readonly id: number; readonly namespaceId: number },
  tag: OpenTag & { readonly hasPolicies: number },
  deed: string,
): Promise<void> {
  if (tag.immutable === 1) throw tagImmutable(tag.name, deed, undefined);
  if (tag.hasPolicies === 0) return;
  const policy = (await tagProtection(trx, repository))(tag.name);
  if (policy !== undefined) throw tagImmutable(tag.name, deed, policy);
}

export function tagImmutable(
  tag: string,
  deed: string,
  policy: ProtectingPolicy | undefined,
): RegistryError {
  const why =
    policy === undefined
      ? "an admin of the repository can lift that"
      : `by the policy “${policy.pattern}” of its ${policy.isOfNamespace ? "namespace" : "repository"}`;
  return new RegistryError(
    "TAG_IMMUTABLE",
    `the tag ${tag} is immutable, it cannot be ${deed}; ${why}`,
    { detail: { tag, ...(policy === undefined ? {} : { policy: policy.uuid }) } },
  );
}
