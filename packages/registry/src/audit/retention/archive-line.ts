import type { EntryRow } from "../audit-store.ts";
import { entryRecord } from "../entry-record.ts";

/** An entry in an archive: as in an export, with the ids that tell namesakes apart. One line of JSON. */
export function archiveLine(row: EntryRow): string {
  const { namespace_id, repository_id, performer_id } = row;
  return `${JSON.stringify({ ...entryRecord(row), namespace_id, repository_id, performer_id })}\n`;
}
