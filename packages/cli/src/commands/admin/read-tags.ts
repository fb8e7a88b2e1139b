import { describeTags, listRepositoryTags, OPERATOR } from "@wharf/registry";
import type { OpenAdministration, Repository, TagListing } from "@wharf/registry";

import { timeOrNull } from "./time-text.ts";

const PAGE = 500;

/** A tag, or what one pointed to before; times are RFC 3339. */
export interface TagDocument {
  readonly name: string;
  readonly digest: string;
  /** Bytes of config and layers. */
  readonly size: number;
  readonly platforms: readonly string[];
  /** By itself, or by a policy. */
  readonly immutable: boolean;
  readonly expiresAt: string | null;
  readonly startedAt: string;
  readonly startedBy: string | null;
  /** Null: it points there now. */
  readonly endedAt: string | null;
  readonly endedBy: string | null;
  readonly endKind: string | null;
  readonly restorableUntil: string | null;
  readonly pulls: number;
  readonly lastPulledAt: string | null;
}

/** A whole list of tags. */
export interface TagDocuments {
  readonly tags: readonly TagDocument[];
  /** Milliseconds that tags can be taken back. */
  readonly window: number;
}

/** @throws {RegistryError} `PARAMETER_INVALID` for an expression that is none */
export async function readTags(
  administration: OpenAdministration,
  repository: Repository,
  listing: Omit<TagListing, "limit" | "after" | "page">,
): Promise<TagDocuments> {
  const { database, now } = administration;
  const tags: TagDocument[] = [];
  let after: TagListing["after"];
  for (;;) {
    const wanted = { ...listing, limit: PAGE, after };
    const page = await listRepositoryTags(administration, OPERATOR, repository, wanted);
    const described = await describeTags(database, repository, page.tags, page.window, now());
    for (const [index, { expiresAt, endedBy }] of page.tags.entries()) {
      const tag = described[index];
      if (tag !== undefined) tags.push(documentOf(tag, expiresAt, endedBy));
    }
    if (page.next === undefined) return { tags, window: page.window };
    after = page.next;
  }
}

type Described = Awaited<ReturnType<typeof describeTags>>[number];

function documentOf(tag: Described, expiresAt: number | null, endedBy: string | null): TagDocument {
  return {
    name: tag.name,
    digest: tag.manifest_digest,
    size: tag.size,
    platforms: tag.platforms,
    immutable: tag.immutable,
    expiresAt: timeOrNull(expiresAt),
    startedAt: tag.started_at,
    startedBy: tag.started_by ?? null,
    endedAt: tag.ended_at ?? null,
    endedBy,
    endKind: tag.end_kind ?? null,
    restorableUntil: tag.restorable_until ?? null,
    pulls: tag.pulls,
    lastPulledAt: tag.last_pulled ?? null,
  };
}
