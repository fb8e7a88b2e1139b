// Long because it is one thing: which tags go by policies, and how.
import { setImmediate } from "node:timers/promises";
import type { Kysely, Transaction } from "kysely";
import { recordAudit, REGISTRY } from "../../audit/record-audit.ts";
import type { Database } from "../../database/database.ts";
import type { Tables } from "../../database/tables.ts";
import { recordEvent } from "../../events/record-event.ts";
import { closeTag, lockOpenTagsById, lockOpenTagsByName, lockOpenTagsOf } from "../tag-store.ts";
import type { OpenTag } from "../tag-store.ts";
import { keyOf, listTags } from "../tags/tag-list-store.ts";
import type { ListedTag, TagKey } from "../tags/tag-list-store.ts";
import { findPoliciesFor } from "./policy-store.ts";
import type { PolicyValues } from "./policy-store.ts";
import { pruneRule } from "./prune-rule.ts";
import type { PruneRule } from "./prune-rule.ts";
import { tagProtection } from "./tag-protection.ts";

/** What of a repository is needed here. */
export interface PrunedRepository {
  readonly id: number;
  readonly name: string;
  readonly namespaceId: number;
  readonly namespace: string;
}

/** A tag that goes. */
export interface PrunableTag extends ListedTag {
  /** Undefined: by a policy that is only tried. */
  readonly policy: string | undefined;
}

/** Tags read at once. */
const PAGE = 500;

/** Tags of one transaction: others get in between. */
const BATCH = 100;

/** Milliseconds. */
const LONGEST_TURN = 10;

/** What cosign attaches to an image under a tag of its own (cosign, "Signature Specification"). */
const ATTACHED = /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/;

/**
 * Tags that the policies of a repository let go, the latest first. Protected tags are not there for the policies, and
 * signatures stay with their images.
 *
 * @param tried a policy instead of those that are in force
 */
export async function* prunableTags(
  db: Kysely<Tables>,
  repository: PrunedRepository,
  now: number,
  tried?: PolicyValues,
): AsyncGenerator<PrunableTag> {
  const policies =
    tried === undefined ? await findPoliciesFor(db, "autoprune", repository) : [tried];
  if (policies.length === 0) return;
  const rules = await Promise.all(policies.map((policy) => pruneRule(policy, now)));
  const protects = await tagProtection(db, repository);
  const query = {
    repositoryId: repository.id,
    name: undefined,
    contains: undefined,
    activeAt: now,
    sort: "last_modified",
    order: "desc",
    offset: 0,
  } as const;
  let after: TagKey | undefined;
  for (;;) {
    const tags = await listTags(db, query, after, PAGE);
    let began = performance.now();
    for (const tag of tags) {
      // Requests get their turn, however slow the patterns are.
      if (performance.now() - began > LONGEST_TURN) {
        await setImmediate();
        began = performance.now();
      }
      if (tag.immutable === 1 || ATTACHED.test(tag.name) || protects(tag.name) !== undefined) {
        continue;
      }
      const rule = firstThatTakes(rules, tag);
      if (rule !== undefined) yield { ...tag, policy: rule.uuid };
    }
    const last = tags.at(-1);
    if (last === undefined || tags.length < PAGE) return;
    after = keyOf("last_modified", last);
  }
}

/** Every rule sees every tag: they count for themselves. */
function firstThatTakes(rules: readonly PruneRule[], tag: ListedTag): PruneRule | undefined {
  const verdicts = rules.map(({ takes }) => takes(tag.name, tag.startedAt));
  return rules[verdicts.indexOf(true)];
}

/**
 * Deletes the tags of a repository that its policies let go; they can be taken back as any other.
 *
 * @returns how many
 */
export async function pruneRepository(
  database: Database,
  repository: PrunedRepository,
  now: () => number,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  let batch: PrunableTag[] = [];
  const take = async (): Promise<void> => {
    signal?.throwIfAborted();
    const tags = batch;
    batch = [];
    count += await database.transaction((trx) => pruneBatch(trx, repository, tags, now()));
  };
  for await (const tag of prunableTags(database.read, repository, now())) {
    batch.push(tag);
    if (batch.length === BATCH) await take();
  }
  if (batch.length > 0) await take();
  return count;
}

/** What was pushed again, or protected, since it was looked at stays. */
async function pruneBatch(
  trx: Transaction<Tables>,
  repository: PrunedRepository,
  tags: readonly PrunableTag[],
  now: number,
): Promise<number> {
  const policies = new Map(tags.map(({ id, policy }) => [id, policy]));
  const protects = await tagProtection(trx, repository);
  const open = await lockOpenTagsById(
    trx,
    tags.map(({ id }) => id),
  );
  const going = open.filter(
    ({ name, immutable, expiresAt }) =>
      immutable === 0 && (expiresAt ?? Infinity) > now && protects(name) === undefined,
  );
  for (const tag of going) await prune(trx, repository, tag, policies.get(tag.id), now);
  for (const tag of await attachedTo(trx, repository, going)) {
    await prune(trx, repository, tag, undefined, now);
  }
  return going.length;
}

/** Signatures of images that have no tag any more. */
async function attachedTo(
  trx: Transaction<Tables>,
  { id }: PrunedRepository,
  gone: readonly OpenTag[],
): Promise<OpenTag[]> {
  const digests = new Set(gone.map(({ digest }) => digest));
  if (digests.size === 0) return [];
  for (const { digest } of await lockOpenTagsOf(trx, id, [...digests])) digests.delete(digest);
  const names = [...digests].flatMap((digest) =>
    ["sig", "att", "sbom"].map((suffix) => `${digest.replace(":", "-")}.${suffix}`),
  );
  if (names.length === 0) return [];
  const attached = await lockOpenTagsByName(trx, id, names);
  return attached.filter(({ immutable }) => immutable === 0);
}

async function prune(
  trx: Transaction<Tables>,
  repository: PrunedRepository,
  { id, name: tag, digest }: OpenTag,
  policy: string | undefined,
  now: number,
): Promise<void> {
  await closeTag(trx, id, { at: now, by: undefined, kind: "pruned" });
  await recordEvent(trx, "tag.deleted", {
    repositoryId: repository.id,
    repository: repository.name,
    digest,
    tag,
  });
  const metadata = {
    tag,
    manifest_digest: digest,
    ...(policy === undefined ? {} : { policy_uuid: policy }),
  };
  await recordAudit(trx, REGISTRY, { kind: "autoprune_tag_delete", repository, metadata }, now);
}
