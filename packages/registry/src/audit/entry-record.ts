import type { EntryRow } from "./audit-store.ts";

/** An entry in a file: a flat object of plain values, but for its metadata. */
export interface EntryRecord {
  readonly id: number;
  /** RFC 3339. */
  readonly time: string;
  readonly kind: string;
  readonly performer: string | null;
  readonly performer_kind: EntryRow["performer_kind"];
  readonly via: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly namespace: string | null;
  readonly repository: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export function entryRecord(row: EntryRow): EntryRecord {
  return {
    id: row.id,
    time: new Date(row.at).toISOString(),
    kind: row.kind,
    performer: row.performer,
    performer_kind: row.performer_kind,
    via: row.via,
    ip: row.address,
    user_agent: row.user_agent,
    namespace: row.namespace,
    repository: row.repository,
    metadata: JSON.parse(row.metadata) as EntryRecord["metadata"], // entry-row.ts has written an object
  };
}
