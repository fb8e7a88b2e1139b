import type { Transaction } from "kysely";
import { actorName } from "../../accounts/admin/actor.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import { auditFacts } from "../../audit/performer.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { recordEvent } from "../../events/record-event.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { holdManifest } from "../manifest-store.ts";
import { tagProtection } from "../policies/tag-protection.ts";
import type { Repository } from "../repository.ts";
import { isTagName } from "../tag-name.ts";
import { lockTag, updateOpenTag } from "../tag-store.ts";
import type { OpenTag } from "../tag-store.ts";
import { expectUnprotected, tagImmutable } from "./expect-unprotected.ts";
import { pointTag } from "./point-tag.ts";
import type { TagAdministration } from "./tag-administration.ts";
import { LONGEST_EXPIRATION, SHORTEST_EXPIRATION } from "./tag-marks.ts";

/** What shall be different; what is left out stays. */
export interface TagWish {
  readonly digest?: string | undefined;
  /** With `digest`: refused when it points somewhere else. */
  readonly isNew?: boolean;
  /** Milliseconds since 1970; null: it stays for ever. */
  readonly expiresAt?: number | null | undefined;
  readonly isImmutable?: boolean | undefined;
}

/** What was done to a tag. */
export interface TagOutcome {
  readonly tag: string;
  readonly status: "created" | "moved" | "restored" | "deleted" | "updated" | "unchanged";
  /** What it points to now, or did before the deletion. */
  readonly digest: string;
  /** What it pointed to before. */
  readonly movedFrom?: string | undefined;
  /** Milliseconds since 1970; null: it stays. */
  readonly expiresAt?: number | null;
  readonly isImmutable?: boolean;
}

/**
 * Creates or moves a tag, makes it expire or protects it: all that is wished, or nothing.
 *
 * @throws {RegistryError} `TAG_INVALID`, `MANIFEST_UNKNOWN`, `PARAMETER_INVALID` for a time that is past,
 *   `TAG_IMMUTABLE`, `CONFLICT`, and as `Rights.require`: only admins of the repository lift a protection
 */
export async function changeTag(
  administration: TagAdministration,
  actor: Actor,
  repository: Repository,
  tag: string,
  wish: TagWish,
): Promise<TagOutcome> {
  const { database, rights, now } = administration;
  await rights.require(actor, "repository.write", { repository });
  const { digest, expiresAt, isImmutable } = wish;
  if ([digest, expiresAt, isImmutable].every((value) => value === undefined)) throw emptyWish();
  if (wish.isImmutable === false) await rights.require(actor, "repository.admin", { repository });
  return database.transaction((trx) => changeTagIn(trx, actor, repository, tag, wish, now()));
}

/** As {@link changeTag}, for somebody who has the rights. */
export async function changeTagIn(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  tag: string,
  wish: TagWish,
  now: number,
): Promise<TagOutcome> {
  if (!isTagName(tag)) throw invalidTag(tag);
  const pointed =
    wish.digest === undefined
      ? undefined
      : await pointTagAt(
          trx,
          actor,
          repository,
          { tag, digest: wish.digest, isNew: wish.isNew },
          now,
        );
  if (wish.expiresAt === undefined && wish.isImmutable === undefined && pointed !== undefined) {
    return pointed;
  }
  const open = await lockTag(trx, repository, tag);
  if (open === undefined || (open.expiresAt !== null && open.expiresAt <= now)) {
    throw unknownTag(tag);
  }
  const lifted = wish.isImmutable === false ? await lift(trx, actor, repository, open, now) : open;
  const expiresAt = await expire(trx, actor, repository, lifted, wish.expiresAt, now);
  const kept = { ...lifted, expiresAt };
  const isImmutable =
    wish.isImmutable === true
      ? await protect(trx, actor, repository, kept, now)
      : kept.immutable === 1;
  const isSame = expiresAt === open.expiresAt && isImmutable === (open.immutable === 1);
  const status = isSame ? "unchanged" : "updated";
  const outcome = pointed ?? { tag, status, digest: open.digest };
  return {
    ...outcome,
    ...(outcome.status === "unchanged" ? { status } : {}),
    ...(wish.expiresAt === undefined ? {} : { expiresAt }),
    ...(wish.isImmutable === undefined ? {} : { isImmutable }),
  };
}

async function pointTagAt(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  target: { readonly tag: string; readonly digest: string; readonly isNew: boolean | undefined },
  now: number,
): Promise<TagOutcome> {
  const { tag, digest, isNew = false } = target;
  if (!(await holdManifest(trx, repository.id, digest, now))) throw unknownDigest(digest);
  const by = actorName(actor);
  const { status, before } = await pointTag(trx, repository, { tag, digest, by, isNew }, now);
  if (status === "unchanged") return { tag, status, digest };
  await recordEvent(trx, "tag.moved", {
    repositoryId: repository.id,
    repository: repository.name,
    digest,
    tag,
    ...(before === undefined ? {} : { previous: before }),
    ...(by === undefined ? {} : { by }),
    audit: auditFacts(actor, repository, now),
  });
  return { tag, status, digest, movedFrom: before };
}

async function lift(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  open: OpenTag & { readonly hasPolicies: number },
  now: number,
): Promise<OpenTag & { readonly hasPolicies: number }> {
  const policy =
    open.hasPolicies === 1 ? (await tagProtection(trx, repository))(open.name) : undefined;
  if (policy !== undefined) throw tagImmutable(open.name, "unprotected", policy);
  if (open.immutable === 0) return open;
  await updateOpenTag(trx, open.id, { immutable: 0 });
  await tellImmutability(trx, actor, repository, open, false, now);
  return { ...open, immutable: 0 };
}

/** @returns when it expires now */
async function expire(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  open: OpenTag & { readonly hasPolicies: number },
  wanted: number | null | undefined,
  now: number,
): Promise<number | null> {
  if (wanted === undefined) return open.expiresAt;
  if (wanted !== null && wanted <= now) {
    throw new RegistryError("PARAMETER_INVALID", "expiration: must be in the future", {
      detail: { field: "expiration" },
    });
  }
  const expiresAt =
    wanted === null
      ? null
      : Math.min(Math.max(wanted, now + SHORTEST_EXPIRATION), now + LONGEST_EXPIRATION);
  if (expiresAt === open.expiresAt) return expiresAt;
  if (expiresAt !== null) await expectUnprotected(trx, repository, open, "made to expire");
  await updateOpenTag(trx, open.id, { expires_at: expiresAt });
  await recordAudit(
    trx,
    actor,
    {
      kind: "change_tag_expiration",
      repository,
      metadata: {
        tag: open.name,
        manifest_digest: open.digest,
        expiration_date: asText(expiresAt),
        old_expiration_date: asText(open.expiresAt),
      },
    },
    now,
  );
  return expiresAt;
}

async function protect(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  open: OpenTag,
  now: number,
): Promise<boolean> {
  if (open.immutable === 1) return true;
  if (open.expiresAt !== null) {
    throw new RegistryError(
      "CONFLICT",
      `the tag ${open.name} expires, so it cannot be made immutable; send "expiration": null as well`,
      { detail: { field: "immutable", tag: open.name } },
    );
  }
  await updateOpenTag(trx, open.id, { immutable: 1 });
  await tellImmutability(trx, actor, repository, open, true, now);
  return true;
}

async function tellImmutability(
  trx: Transaction<Tables>,
  actor: Actor,
  repository: Repository,
  { name, digest }: OpenTag,
  immutable: boolean,
  now: number,
): Promise<void> {
  const metadata = { tag: name, manifest_digest: digest, immutable };
  await recordAudit(trx, actor, { kind: "change_tag_immutability", repository, metadata }, now);
}

function asText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function emptyWish(): RegistryError {
  return new RegistryError(
    "PARAMETER_INVALID",
    "the body: needs manifest_digest, expiration or immutable",
    { detail: { field: "manifest_digest" } },
  );
}

export function invalidTag(tag: string): RegistryError {
  return new RegistryError(
    "TAG_INVALID",
    'Invalid tag: must match [A-Za-z0-9_.-], NOT start with "." or "-", and can contain 1-128 characters',
    { detail: { tag: tag.slice(0, 300) } },
  );
}

export function unknownTag(tag: string): RegistryError {
  return new RegistryError("MANIFEST_UNKNOWN", `the repository has no tag ${tag}`, {
    detail: { tag },
  });
}

export function unknownDigest(digest: string): RegistryError {
  return new RegistryError("MANIFEST_UNKNOWN", "the repository has no such manifest", {
    detail: { field: "manifest_digest", digest },
  });
}
