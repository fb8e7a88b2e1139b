// Long because it is one thing: a page of tags, from the query to what is told of each.
import type { Kysely } from "kysely";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { tagPattern } from "../policies/tag-pattern.ts";
import type { Repository } from "../repository.ts";
import { findTagWindow } from "../tag-store.ts";
import { findNamedPastTags, findPastTags, wasThere } from "../time-machine/past-tag-store.ts";
import type { PastTag } from "../time-machine/past-tag-store.ts";
import { keyOf, listTags } from "./tag-list-store.ts";
import type { ListedTag, TagKey, TagQuery, TagSort } from "./tag-list-store.ts";
import type { TagAdministration } from "./tag-administration.ts";

export interface TagListing {
  /** Only this tag. */
  readonly name?: string | undefined;
  /** Part of the name. */
  readonly contains?: string | undefined;
  /** RE2 expression that is found in the name. */
  readonly expression?: string | undefined;
  readonly onlyActive?: boolean;
  /** What the tags pointed to then; milliseconds since 1970. */
  readonly at?: number | undefined;
  readonly sort?: TagSort | undefined;
  readonly order?: "asc" | "desc" | undefined;
  readonly limit: number;
  /** From 1. */
  readonly page?: number;
  /** `next` of the page before, in place of `page`. */
  readonly after?: TagKey | undefined;
}

export interface TagPage {
  readonly tags: readonly ListedTag[];
  /** Where the next page begins; undefined: this is the last one. */
  readonly next: TagKey | undefined;
  /** How long tags can be taken back, in milliseconds. */
  readonly window: number;
}

/** Entries that the number of a page reaches. */
const FARTHEST = 100_000;

/** Tags that one page looks at for an expression, or for a time. */
const MOST_LOOKED_AT = 2_000;

/** Milliseconds that an expression may take of a page. */
const MOST_MATCHING = 25;

const CHUNK = 500;

/**
 * What the tags of a repository point to and have pointed to.
 *
 * @throws {RegistryError} `PARAMETER_INVALID` for what does not go together, and as `Rights.require`
 */
export async function listRepositoryTags(
  { database, rights, config, now }: TagAdministration,
  actor: Actor,
  repository: Repository,
  listing: TagListing,
): Promise<TagPage> {
  await rights.require(actor, "repository.read", { repository });
  const { read } = database;
  const { tagExpiration } = config.collection;
  const window = await findTagWindow(read, repository.namespaceId, tagExpiration);
  const matches = await nameFilter(listing);
  if (listing.at !== undefined) {
    return { ...(await pageAt(read, repository.id, listing, listing.at, matches)), window };
  }
  const query = queryOf(repository.id, listing, now());
  const chunk = matches === undefined ? listing.limit + 1 : CHUNK;
  const page = await collect<ListedTag>(listing, chunk, {
    read: (after) => listTags(read, query, after, chunk),
    matches: ({ name }) => matches?.(name) ?? true,
    keyOf: (tag) => keyOf(query.sort, tag),
  });
  return { ...page, window };
}

function queryOf(repositoryId: number, listing: TagListing, now: number): TagQuery {
  const { name, contains, onlyActive = false, sort = "last_modified", page = 1, limit } = listing;
  if (sort === "size" && !onlyActive) {
    throw invalid("sort", "size goes with onlyActiveTags=true");
  }
  const offset = listing.after === undefined ? (page - 1) * limit : 0;
  if (offset > FARTHEST) throw invalid("page", `is past ${FARTHEST} entries; use next_page`);
  if (offset > 0 && listing.expression !== undefined) {
    throw invalid("page", "does not go with filter_regex; use next_page");
  }
  const order = listing.order ?? (sort === "name" ? "asc" : "desc");
  const activeAt = onlyActive ? now : undefined;
  return { repositoryId, name, contains, activeAt, sort, order, offset };
}

/** What is matched here and not in SQL; undefined: nothing. */
async function nameFilter({
  expression,
  at,
  contains,
}: TagListing): Promise<((name: string) => boolean) | undefined> {
  const pattern =
    expression === undefined || expression === ""
      ? undefined
      : await tagPattern(expression, "filter_regex");
  if (at === undefined || contains === undefined) return pattern?.isIn;
  const part = contains.toLowerCase();
  return (name) => name.toLowerCase().includes(part) && (pattern?.isIn(name) ?? true);
}

/** Reads chunks until the page is full, there is nothing more, or enough was looked at. */
async function collect<Row>(
  { limit, after: first }: TagListing,
  chunk: number,
  list: {
    readonly read: (after: TagKey | undefined) => Promise<Row[]>;
    readonly matches: (row: Row) => boolean;
    readonly keyOf: (row: Row) => TagKey;
  },
): Promise<{ readonly tags: readonly Row[]; readonly next: TagKey | undefined }> {
  const tags: Row[] = [];
  let after = first;
  let looked = 0;
  let spent = 0;
  for (;;) {
    const rows = await list.read(after);
    const began = performance.now();
    for (const row of rows) {
      if (tags.length === limit) return { tags, next: after };
      if (list.matches(row)) tags.push(row);
      after = list.keyOf(row);
    }
    spent += performance.now() - began;
    looked += rows.length;
    if (rows.length < chunk) return { tags, next: undefined };
    if (looked >= MOST_LOOKED_AT || spent > MOST_MATCHING) return { tags, next: after };
  }
}

async function pageAt(
  db: Kysely<Tables>,
  repositoryId: number,
  listing: TagListing,
  at: number,
  matches: ((name: string) => boolean) | undefined,
): Promise<Pick<TagPage, "tags" | "next">> {
  const { name, sort = "name", order = "asc", page = 1 } = listing;
  if (sort !== "name" || order !== "asc") {
    throw invalid("sort", "with `at`, tags are listed by name");
  }
  if (page > 1) throw invalid("page", "does not go with `at`; use next_page");
  const chunk = Math.max(CHUNK, listing.limit + 1);
  const { tags, next } = await collect<PastTag>(listing, chunk, {
    read: async (after) => {
      const last = String(after?.[0] ?? "");
      if (name === undefined) return findPastTags(db, repositoryId, at, last, chunk);
      return last < name ? findNamedPastTags(db, repositoryId, at, [name]) : [];
    },
    matches: (tag) => wasThere(tag, at) && (matches?.(tag.name) ?? true),
    keyOf: (tag) => [tag.name],
  });
  return { tags: tags.flatMap(({ id, ...tag }) => (id === null ? [] : [{ ...tag, id }])), next };
}

function invalid(field: string, message: string): RegistryError {
  return new RegistryError("PARAMETER_INVALID", `${field}: ${message}`, { detail: { field } });
}
