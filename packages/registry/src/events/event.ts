import type { AuditedDeed } from "../audit/audited-deed.ts";
import type { AuditFacts } from "../audit/performer.ts";
import type { MailWish } from "../mail/wishes.ts";

/**
 * What the registry tells of itself. Each is written in the transaction of the change it tells of. Append only: a
 * process of an older version reads them too.
 */
export interface EventPayloads {
  "repository.created": RepositoryEvent & { readonly by?: string };
  /** It is hidden, and can be restored for a while. */
  "repository.deleted": RepositoryEvent & { readonly by?: string };
  "repository.restored": RepositoryEvent & { readonly by?: string };
  /** A manifest was stored, perhaps once more; `tags` are those it was pushed under. */
  "manifest.pushed": ManifestEvent & {
    readonly tags: readonly string[];
    /** Those of `tags` that pointed to something else, or were not there, before. */
    readonly moved?: readonly { readonly tag: string; readonly previous?: string }[];
    readonly by?: string;
  };
  /** Nobody is served it any more; `tags` pointed to it. */
  "manifest.deleted": ManifestEvent & { readonly tags: readonly string[]; readonly by?: string };
  /** A tag points to a manifest; `previous` is what it pointed to before. */
  "tag.moved": ManifestEvent & {
    readonly tag: string;
    readonly previous?: string;
    readonly by?: string;
  };
  /** Something was done that the audit log tells of (`audit/record-audit.ts`). */
  audit: AuditedDeed;
  /** A mail is to be sent (`mail/want-mail.ts`). */
  "mail.wanted": MailWish;
  "tag.deleted": ManifestEvent & { readonly tag: string; readonly by?: string };
}

export type EventKind = keyof EventPayloads;

interface RepositoryEvent {
  readonly repositoryId: number;
  /** Full name. */
  readonly repository: string;
  /** Makes entries of the audit log (`audit/entries-of-event.ts`); where it is missing, somebody else does, or nobody. */
  readonly audit?: AuditFacts;
}

interface ManifestEvent extends RepositoryEvent {
  readonly digest: string;
}
