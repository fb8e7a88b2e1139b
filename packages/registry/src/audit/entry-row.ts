import type { Insertable } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { AuditedDeed } from "./audited-deed.ts";
import { boundedText } from "./bounded-metadata.ts";

export type NewEntry = Required<Omit<Insertable<Tables["audit_log"]>, "id">>;

/** @param keepOrigin false: without address and user agent of the client */
export function entryRow(deed: AuditedDeed, keepOrigin: boolean): NewEntry {
  return {
    at: deed.at,
    kind: boundedText(deed.kind, 64),
    namespace_id: deed.namespaceId,
    namespace: bounded(deed.namespace, 255),
    repository_id: deed.repositoryId,
    repository: bounded(deed.repository, 512),
    performer_id: deed.performerId,
    performer: bounded(deed.performer, 512),
    performer_kind: deed.performerKind,
    via: bounded(deed.via, 300),
    address: keepOrigin ? bounded(deed.address, 64) : null,
    user_agent: keepOrigin ? bounded(deed.userAgent, 300) : null,
    metadata: JSON.stringify(deed.metadata),
  };
}

function bounded(text: string | null, longest: number): string | null {
  return text === null ? null : boundedText(text, longest);
}
