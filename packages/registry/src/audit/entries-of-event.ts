import type { EventKind, EventPayloads } from "../events/event.ts";
import { namespaceOf } from "../repositories/repository-name.ts";
import type { AuditedDeed } from "./audited-deed.ts";

type EntriesOf<K extends EventKind> = (payload: EventPayloads[K]) => readonly AuditedDeed[];

/** What each kind of event adds to the audit log, by Quay's kinds and fields. */
const ENTRIES: { readonly [K in EventKind]?: EntriesOf<K> } = {
  audit: (deed) => [deed],

  "manifest.pushed": (event) => [
    ...deed(event, "push_repo", {
      ...(event.tags.length > 0 ? { tag: event.tags[0] } : {}),
      ...(event.tags.length > 1 ? { tags: event.tags } : {}),
      manifest_digest: event.digest,
    }),
    ...(event.moved ?? []).flatMap((change) => tagChange(event, change)),
  ],

  "tag.moved": (event) => tagChange(event, event),

  "tag.deleted": (event) =>
    deed(event, "delete_tag", { tag: event.tag, manifest_digest: event.digest }),

  "manifest.deleted": (event) => [
    ...deed(event, "delete_manifest", { manifest_digest: event.digest }),
    ...event.tags.flatMap((tag) =>
      deed(event, "delete_tag", { tag, manifest_digest: event.digest }),
    ),
  ],
};

/** Kinds of events that the audit log wants to hear of. */
export const AUDITED_EVENTS: ReadonlySet<string> = new Set(Object.keys(ENTRIES));

/** The entries of an event: none for one that somebody else tells the audit log of. */
export function entriesOfEvent(kind: string, payload: unknown): readonly AuditedDeed[] {
  const entriesOf = ENTRIES[kind as EventKind] as
    | ((payload: unknown) => readonly AuditedDeed[])
    | undefined; // recordEvent wrote the payload of this kind
  return entriesOf?.(payload) ?? [];
}

type AboutManifest = Pick<
  EventPayloads["manifest.pushed"],
  "audit" | "repositoryId" | "repository" | "digest"
>;

function tagChange(
  event: AboutManifest,
  { tag, previous }: { readonly tag: string; readonly previous?: string },
): readonly AuditedDeed[] {
  const about = { tag, manifest_digest: event.digest };
  return previous === undefined
    ? deed(event, "create_tag", about)
    : deed(event, "move_tag", { ...about, old_manifest_digest: previous });
}

function deed(
  { audit, repositoryId, repository }: AboutManifest,
  kind: string,
  metadata: AuditedDeed["metadata"],
): readonly AuditedDeed[] {
  if (audit === undefined) return [];
  const namespace = namespaceOf(repository);
  return [{ ...audit, kind, namespace, repositoryId, repository, metadata }];
}
