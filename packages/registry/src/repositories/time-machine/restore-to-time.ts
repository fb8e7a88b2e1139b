// Long because it is one thing: tags taken back to what they were, from the plan to the deed.
import type { Transaction } from "kysely";
import { actorName } from "../../accounts/admin/actor.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { recordEvent } from "../../events/record-event.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { tagProtection } from "../policies/tag-protection.ts";
import type { TagProtection } from "../policies/tag-protection.ts";
import type { Repository } from "../repository.ts";
import { closeTag, findTagWindow, lockTag } from "../tag-store.ts";
import { attempt } from "../tags/attempt.ts";
import { expectUnprotected } from "../tags/expect-unprotected.ts";
import { stillToCome, takeBack } from "../tags/restore-tag.ts";
import type { TagAdministration } from "../tags/tag-administration.ts";
import { findNamedPastTags, findPastTags, wasThere } from "./past-tag-store.ts";
import type { PastTag } from "./past-tag-store.ts";

export interface TimeJourney {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Undefined: all tags of the repository. */
  readonly tags?: readonly string[] | undefined;
  /** Delete the tags that were not there then. */
  readonly deleteNewer: boolean;
  /** Do nothing, only tell. */
  readonly isPreview: boolean;
}

/** What is done to a tag that is not what it was. */
export interface TimeChange {
  readonly tag: string;
  readonly action: "move" | "restore" | "delete" | "skip";
  /** Digests; null: the tag is not there. */
  readonly from: string | null;
  readonly to: string | null;
  /** Comes back with it; milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly reason?: "out_of_window" | "immutable" | "newer";
}

export interface TimeReport {
  /** Since when the history is sure to be whole; milliseconds since 1970. */
  readonly windowStart: number;
  readonly counts: Readonly<Record<TimeChange["action"] | "unchanged", number>>;
  /** By name, the first {@link MOST_TOLD}. */
  readonly changes: readonly TimeChange[];
  readonly isTruncated: boolean;
}

/** Changes in the answer. */
export const MOST_TOLD = 1000;

/** Tags of one transaction: others get in between. */
const CHUNK = 100;

/**
 * Takes tags back to what they were at a time. The plan and the run are the same: each batch is looked at and done in
 * one transaction, a preview only looks. Tags that nobody has touched since stay as they are.
 *
 * @throws {RegistryError} `PARAMETER_INVALID` for a time to come, and as `Rights.require`
 */
export async function restoreToTime(
  administration: TagAdministration,
  actor: Actor,
  repository: Repository,
  journey: TimeJourney,
  signal?: AbortSignal,
): Promise<TimeReport> {
  const { database, rights, config, now } = administration;
  const right = journey.isPreview ? "repository.read" : "repository.write";
  await rights.require(actor, right, { repository });
  const began = now();
  if (journey.at > began) throw invalid("at", "must not be in the future");
  const { tagExpiration } = config.collection;
  const window = await findTagWindow(database.read, repository.namespaceId, tagExpiration);
  const names = journey.tags === undefined ? undefined : [...new Set(journey.tags)].toSorted();
  const facts = { journey, windowStart: began - window, isOne: names?.length === 1 };
  const report = new Report(facts.windowStart);
  let after = "";
  for (let at = 0; ; at += CHUNK) {
    signal?.throwIfAborted();
    const chunk = names?.slice(at, at + CHUNK);
    if (chunk?.length === 0) break;
    const page = await (journey.isPreview
      ? look(database.read, repository, facts, chunk, after, now())
      : database.transaction((trx) => run(trx, actor, repository, facts, chunk, after, now())));
    report.add(page);
    after = page.last ?? after;
    if (chunk === undefined && page.looked < CHUNK) break;
  }
  return report;
}

interface Facts {
  readonly journey: TimeJourney;
  readonly windowStart: number;
  /** Only one tag was asked for: the audit log tells of it as of any other that is taken back. */
  readonly isOne: boolean;
}

interface Page {
  readonly changes: readonly TimeChange[];
  readonly looked: number;
  readonly last: string | undefined;
}

/** What would be done to some tags. */
async function look(
  db: Parameters<typeof findPastTags>[0],
  repository: Repository,
  { journey, windowStart }: Facts,
  names: readonly string[] | undefined,
  after: string,
  now: number,
): Promise<Page> {
  const rows =
    names === undefined
      ? await findPastTags(db, repository.id, journey.at, after, CHUNK)
      : await findNamedPastTags(db, repository.id, journey.at, names);
  const protects = await tagProtection(db, repository);
  const known = new Set(rows.map(({ name }) => name));
  const never = (names ?? []).filter((name) => !known.has(name)).map(neverThere);
  const changes = [
    ...rows.flatMap((row) => changeOf(row, journey, windowStart, protects, now) ?? []),
    ...(journey.at < windowStart ? never : []),
  ];
  return { changes, looked: rows.length + never.length, last: rows.at(-1)?.name };
}

/** Nothing is known of it, so nothing is known of then. */
function neverThere(tag: string): TimeChange {
  return { tag, action: "skip", from: null, to: null, reason: "out_of_window" };
}

function changeOf(
  row: PastTag,
  { at, deleteNewer }: TimeJourney,
  windowStart: number,
  protects: TagProtection,
  now: number,
): TimeChange | undefined {
  const isOpen = row.openDigest !== null && (row.openExpiresAt ?? Infinity) > now;
  const from = isOpen ? row.openDigest : null;
  const to = wasThere(row, at) ? row.digest : null;
  if (from === to && (to !== null || at >= windowStart)) return undefined;
  const about = { tag: row.name, from, to };
  // What has ended before the window may be collected at any moment; and who knows what was forgotten already?
  const end = row.endedAt ?? row.expiresAt;
  const isKnown = to === null ? at >= windowStart : end === null || end >= windowStart;
  if (!isKnown) return { ...about, action: "skip", reason: "out_of_window" };
  if (to === null && !deleteNewer) return { ...about, action: "skip", reason: "newer" };
  const isImmutable = isOpen && (row.openImmutable === 1 || protects(row.name) !== undefined);
  if (isImmutable) return { ...about, action: "skip", reason: "immutable" };
  if (to === null) return { ...about, action: "delete" };
  const expiresAt = stillToCome(row.expiresAt, now);
  return {
    ...about,
    action: from === null ? "restore" : "move",
    ...(expiresAt === null ? {} : { expiresAt }),
  };
}

async function run(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  facts: Facts,
  names: readonly string[] | undefined,
  after: string,
  now: number,
): Promise<Page> {
  const page = await look(trx, repository, facts, names, after, now);
  const done: TimeChange[] = [];
  for (const change of page.changes) {
    done.push(await apply(trx, actor, repository, change, now));
  }
  const changed = done.filter(({ action }) => action !== "skip");
  if (changed.length > 0) await tell(trx, actor, repository, facts, changed, now);
  return { ...page, changes: done };
}

/** @returns what was done: somebody may have protected the tag, or deleted the image for good, since it was looked at */
async function apply(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  change: TimeChange,
  now: number,
): Promise<TimeChange> {
  const { tag, action, from, to, expiresAt } = change;
  if (action === "skip") return change;
  const done = await attempt<unknown>(trx, () =>
    to === null
      ? removeNewer(trx, actor, repository, tag, now)
      : takeBack(trx, actor, repository, { tag, digest: to, expiresAt }, now),
  );
  if (!(done instanceof RegistryError)) return change;
  const reason = done.code === "TAG_IMMUTABLE" ? "immutable" : "out_of_window";
  return { tag, action: "skip", from, to, reason };
}

async function removeNewer(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  tag: string,
  now: number,
): Promise<void> {
  const open = await lockTag(trx, repository, tag);
  if (open === undefined) return;
  await expectUnprotected(trx, repository, open, "deleted");
  const by = actorName(actor);
  await closeTag(trx, open.id, { at: now, by, kind: "deleted" });
  await recordEvent(trx, "tag.deleted", {
    repositoryId: repository.id,
    repository: repository.name,
    digest: open.digest,
    tag,
    ...(by === undefined ? {} : { by }),
  });
}

async function tell(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  { journey, isOne }: Facts,
  changed: readonly TimeChange[],
  now: number,
): Promise<void> {
  const at = new Date(journey.at).toISOString();
  const [first] = changed;
  if (isOne && first !== undefined && first.to !== null) {
    const { tag, from, to } = first;
    const metadata = { tag, manifest_digest: to, original_manifest_digest: from, at };
    await recordAudit(trx, actor, { kind: "revert_tag", repository, metadata }, now);
    return;
  }
  const metadata = {
    at,
    tags: changed.filter(({ to }) => to !== null).map(({ tag }) => tag),
    deleted_tags: changed.filter(({ to }) => to === null).map(({ tag }) => tag),
  };
  await recordAudit(trx, actor, { kind: "restore_tags", repository, metadata }, now);
}

class Report implements TimeReport {
  readonly windowStart: number;
  readonly counts = { move: 0, restore: 0, delete: 0, skip: 0, unchanged: 0 };
  readonly changes: TimeChange[] = [];
  isTruncated = false;

  constructor(windowStart: number) {
    this.windowStart = windowStart;
  }

  add({ changes, looked }: Page): void {
    for (const change of changes) {
      this.counts[change.action]++;
      if (this.changes.length < MOST_TOLD) this.changes.push(change);
      else this.isTruncated = true;
    }
    this.counts.unchanged += Math.max(0, looked - changes.length);
  }
}

function invalid(field: string, message: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field}: ${message}`, { detail: { field } });
}
