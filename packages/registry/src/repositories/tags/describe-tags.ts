import { mailDate } from "../../api/mail-date.ts";
import type { Database } from "../../database/database.ts";
import { tagProtection } from "../policies/tag-protection.ts";
import type { Repository } from "../repository.ts";
import { findListedChildren, findListedManifests, findTagPulls } from "./tag-list-store.ts";
import type { ListedChild, ListedTag } from "./tag-list-store.ts";

/** Manifests of indexes that a page tells of, all together. */
const MOST_CHILDREN = 5_000;

/** A tag in the words of the API (`tagInterval` of the contract). */
export type DescribedTag = ReturnType<typeof describe>;

/** What a page tells of its tags, however many they are, with four queries. */
export async function describeTags(
  { read }: Database,
  repository: Repository,
  tags: readonly ListedTag[],
  window: number,
  now: number,
): Promise<DescribedTag[]> {
  if (tags.length === 0) return [];
  const digests = [...new Set(tags.map(({ digest }) => digest))];
  const names = [...new Set(tags.map(({ name }) => name))];
  const [manifests, pulls, protects] = await Promise.all([
    findListedManifests(read, repository.id, digests),
    findTagPulls(read, repository.id, names),
    tagProtection(read, repository),
  ]);
  const indexes = manifests.filter(({ kind }) => kind === "index").map(({ digest }) => digest);
  const children = await findListedChildren(read, repository.id, indexes, MOST_CHILDREN);
  const facts = {
    platforms: new Map(manifests.map(({ digest, platform }) => [digest, platform])),
    indexes: new Set(indexes),
    children: Map.groupBy(children, ({ index }) => index),
    pulls: new Map(pulls.map((row) => [row.name, row])),
    isProtected: (name: string) => protects(name) !== undefined,
  };
  return tags.map((tag) => describe(tag, facts, window, now));
}

interface Facts {
  readonly platforms: ReadonlyMap<string, string | null>;
  readonly indexes: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, readonly ListedChild[]>;
  readonly pulls: ReadonlyMap<string, { readonly pulls: number; readonly lastPulledAt: number }>;
  readonly isProtected: (name: string) => boolean;
}

function describe(tag: ListedTag, facts: Facts, window: number, now: number) {
  const { name, digest, startedAt, expiresAt } = tag;
  const isList = facts.indexes.has(digest);
  const children = facts.children.get(digest) ?? [];
  const end = tag.endedAt ?? expiresAt;
  const hasEnded = end !== null && end <= now;
  const pulled = facts.pulls.get(name);
  const platforms = isList
    ? children.map(({ platform }) => platform)
    : [facts.platforms.get(digest) ?? null];
  // The job that ends it may not have come by yet.
  const kind = hasEnded && tag.endedAt === null ? "expired" : tag.endKind;
  const hasUntil = hasEnded && end + window > now;
  return {
    name,
    reversion: tag.reversion === 1,
    start_ts: Math.floor(startedAt / 1000),
    ...(end === null ? {} : { end_ts: Math.floor(end / 1000), expiration: mailDate(end) }),
    manifest_digest: digest,
    is_manifest_list: isList,
    size: tag.size,
    last_modified: mailDate(startedAt),
    immutable: tag.immutable === 1 || (!hasEnded && facts.isProtected(name)),
    ...(isList ? describeChildren(children) : {}),
    platforms: [...new Set(platforms.filter((platform) => platform !== null))],
    started_at: new Date(startedAt).toISOString(),
    ...(tag.startedBy === null ? {} : { started_by: tag.startedBy }),
    ...(hasEnded ? { ended_at: new Date(end).toISOString() } : {}),
    ...(tag.endedBy === null ? {} : { ended_by: tag.endedBy }),
    ...(kind === null ? {} : { end_kind: kind }),
    ...(hasUntil ? { restorable_until: new Date(end + window).toISOString() } : {}),
    pulls: pulled?.pulls ?? 0,
    ...(pulled === undefined ? {} : { last_pulled: new Date(pulled.lastPulledAt).toISOString() }),
  };
}

function describeChildren(children: readonly ListedChild[]) {
  const present = children.filter(({ isPresent }) => isPresent === 1).length;
  return {
    is_sparse: present < children.length,
    child_manifest_count: children.length,
    present_child_count: present,
    child_manifests_presence: Object.fromEntries(
      children.map(({ digest, isPresent }) => [digest, isPresent === 1]),
    ),
  };
}
