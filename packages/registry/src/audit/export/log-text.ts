import { mailDate } from "../../api/mail-date.ts";
import type { EntryQuery, EntryRow } from "../audit-store.ts";
import { entryRecord } from "../entry-record.ts";
import { entryView } from "../entry-view.ts";
import { csvRow } from "./csv-row.ts";

/** `json` is Quay's: one object with the entries as the API shows them. */
export type ExportFormat = "json" | "ndjson" | "csv";

/** Entries that are read at once: on SQLite, requests wait meanwhile. */
const PAGE = 250;

export interface ExportedLog {
  readonly format: ExportFormat;
  readonly exportId: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Null where more than one is exported. */
  readonly namespace: string | null;
  readonly repository: string | null;
  readonly read: (page: Pick<EntryQuery, "after" | "limit" | "order">) => Promise<EntryRow[]>;
}

/** A whole log as text, the oldest entries first, in pieces of some entries each: no more of it is in memory. */
export async function* logText(log: ExportedLog, signal: AbortSignal): AsyncGenerator<string> {
  const { head, row, tail } = writers[log.format](log);
  let separator = "";
  let after: { readonly at: number; readonly id: number } | undefined;
  let isFirst = true;
  do {
    signal.throwIfAborted();
    const rows = await log.read({ order: "oldest", after, limit: PAGE });
    let text = isFirst ? head : "";
    for (const entry of rows) {
      text += separator + row(entry);
      separator = log.format === "json" ? ",\n" : "";
    }
    isFirst = false;
    after = rows.length < PAGE ? undefined : rows.at(-1);
    yield after === undefined ? text + tail : text;
  } while (after !== undefined);
}

interface Writer {
  readonly head: string;
  readonly row: (entry: EntryRow) => string;
  readonly tail: string;
}

const writers: Readonly<Record<ExportFormat, (log: ExportedLog) => Writer>> = {
  ndjson: () => ({ head: "", row: (entry) => `${JSON.stringify(entryRecord(entry))}\n`, tail: "" }),

  csv: () => ({ head: csvRow(COLUMNS), row: csvOf, tail: "" }),

  json: ({ exportId, from, to, namespace, repository }) => {
    const details = {
      start_time: mailDate(from),
      end_time: mailDate(to),
      namespace,
      repository,
    };
    const begun = JSON.stringify({ export_id: exportId, details });
    return {
      head: `${begun.slice(0, -1)},"logs":[\n`,
      row: (entry) => JSON.stringify(entryView(entry)),
      tail: "\n]}\n",
    };
  },
};

const COLUMNS = [
  "id",
  "time",
  "kind",
  "performer",
  "performer_kind",
  "via",
  "ip",
  "user_agent",
  "namespace",
  "repository",
  "metadata",
] as const;

function csvOf(entry: EntryRow): string {
  const record = entryRecord(entry);
  return csvRow(
    COLUMNS.map((column) =>
      column === "metadata" ? JSON.stringify(record.metadata) : record[column],
    ),
  );
}
