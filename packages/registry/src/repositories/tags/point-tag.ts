import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { beginTag, closeTag, lockOpenTag } from "../tag-store.ts";
import type { OpenTag } from "../tag-store.ts";
import { expectUnprotected } from "./expect-unprotected.ts";

/** Where a tag shall point, and what the interval that begins has beside it. */
export interface TagTarget {
  readonly tag: string;
  readonly digest: string;
  /** Name of whoever does it. */
  readonly by: string | undefined;
  /** Milliseconds since 1970; null: it stays. */
  readonly expiresAt?: number | null;
  readonly isImmutable?: boolean;
  /** Refused when it points somewhere else. */
  readonly isNew?: boolean;
  /** It is taken back. */
  readonly isReversion?: boolean;
}

/** What pointing a tag somewhere has done. */
export interface PointedTag {
  readonly status: "created" | "moved" | "unchanged";
  /** What it pointed to before; undefined: it was not there. */
  readonly before: string | undefined;
  /** The open interval of a tag that pointed there already. */
  readonly open: OpenTag | undefined;
}

/** Times that somebody else may begin an interval of the same tag in between. */
const ATTEMPTS = 20;

/**
 * Points a tag to a manifest that the transaction holds: the open interval ends and another one begins. A tag that
 * points there already is left as it is.
 *
 * @throws {RegistryError} `TAG_IMMUTABLE`, `CONFLICT`
 */
export async function pointTag(
  trx: Transaction<Tables>,
  repository: { readonly id: number; readonly namespaceId: number },
  target: TagTarget,
  now: number,
): Promise<PointedTag> {
  const { tag, digest, by } = target;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const open = await lockOpenTag(trx, repository, tag);
    const isLive = open !== undefined && (open.expiresAt === null || open.expiresAt > now);
    if (isLive && open.digest === digest) return { status: "unchanged", before: digest, open };
    if (isLive && target.isNew === true) throw alreadyThere(open);
    if (isLive) {
      await expectUnprotected(trx, repository, open, "moved");
      await closeTag(trx, open.id, { at: now, by, kind: "moved" });
    } else if (open !== undefined) {
      await closeTag(trx, open.id, { at: open.expiresAt ?? now, by: undefined, kind: "expired" });
    }
    const isBegun = await beginTag(trx, {
      repositoryId: repository.id,
      tag,
      digest,
      by: by ?? null,
      now,
      expiresAt: target.expiresAt ?? null,
      immutable: target.isImmutable === true ? 1 : 0,
      reversion: target.isReversion === true ? 1 : 0,
    });
    const before = isLive ? open.digest : undefined;
    // Not begun: somebody else (PostgreSQL) has begun one since we looked; ours comes after it.
    if (isBegun) {
      return { status: before === undefined ? "created" : "moved", before, open: undefined };
    }
  }
  throw new Error("the tag is being moved by too many at once");
}

function alreadyThere({ name, digest }: OpenTag): RegistryError {
  return new RegistryError(
    "CONFLICT",
    `the tag ${name} points to another manifest already; move it instead`,
    { detail: { tag: name, digest } },
  );
}
