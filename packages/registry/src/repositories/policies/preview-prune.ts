import type { Actor } from "../../accounts/admin/actor.ts";
import type { TagAdministration } from "../tags/tag-administration.ts";
import { requireRight } from "./policies.ts";
import type { PolicyOwner } from "./policies.ts";
import { pruneValues } from "./prune-rule.ts";
import type { PruneWish } from "./prune-rule.ts";
import { findRepositoriesOf } from "./prune-store.ts";
import { prunableTags } from "./prune-tags.ts";
import type { PrunableTag, PrunedRepository } from "./prune-tags.ts";

export interface PrunePreview {
  readonly tags: readonly (PrunableTag & { readonly repository: string })[];
  /** There are more, or not everything was looked at. */
  readonly isTruncated: boolean;
}

/** Tags that a preview tells of. */
const MOST_TOLD = 1000;

/** Milliseconds after which a preview ends with what it has found. */
const LONGEST = 5_000;

/**
 * Which tags would go now, the latest of each repository first.
 *
 * @param wish a policy to try; undefined: those that are in force
 * @throws {RegistryError} `PARAMETER_INVALID`, and as `Rights.require`
 */
export async function previewPrune(
  administration: TagAdministration,
  actor: Actor,
  owner: PolicyOwner,
  wish: PruneWish | undefined,
  signal?: AbortSignal,
): Promise<PrunePreview> {
  await requireRight(administration, actor, owner);
  const { database, now } = administration;
  const tried = wish === undefined ? undefined : await pruneValues(wish);
  const end = performance.now() + LONGEST;
  const tags: (PrunableTag & { readonly repository: string })[] = [];
  for await (const repository of repositoriesOf(administration, owner)) {
    signal?.throwIfAborted();
    for await (const tag of prunableTags(database.read, repository, now(), tried)) {
      if (tags.length === MOST_TOLD || performance.now() > end) return { tags, isTruncated: true };
      tags.push({ ...tag, repository: repository.name });
    }
    if (performance.now() > end) return { tags, isTruncated: true };
  }
  return { tags, isTruncated: false };
}

const PAGE = 200;

async function* repositoriesOf(
  { database }: TagAdministration,
  owner: PolicyOwner,
): AsyncGenerator<PrunedRepository> {
  if (owner.kind === "repository") {
    yield owner.repository;
    return;
  }
  let last = 0;
  for (;;) {
    const page = await findRepositoriesOf(database.read, owner.account.id, last, PAGE);
    yield* page;
    if (page.length < PAGE) return;
    last = page.at(-1)?.id ?? last;
  }
}
