import { entryRecord } from "@wharf/registry";
import type { EntryRow } from "@wharf/registry";

import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { LOG_FLAGS, logQuery } from "./log-query.ts";
import { printTable } from "./print-table.ts";
import { timeText } from "./time-text.ts";

const USUAL = 50;
const MOST = 1000;

/** `wharf admin log list`. */
export const logList = adminCommand(
  {
    verb: "log list",
    summary: "list what was done, the latest first",
    args: [],
    description: ["More than 1000 entries: wharf admin log export."],
    examples: [
      { title: "What happened just now?", command: "wharf admin log list --from 1h" },
      {
        title: "Who has deleted tags of a repository this week?",
        command: "wharf admin log list --repository team/app --kind delete_tag --from 7d",
      },
    ],
    flags: [
      ...LOG_FLAGS,
      { name: "limit", value: "COUNT", help: `Entries at most. Default: ${USUAL}.` },
    ],
  },
  async (run) => {
    const limit = limitOf(run.flags);
    const { read } = await logQuery(run.administration, run.flags);
    const rows = await read({ order: "newest", after: undefined, limit });
    printTable(
      run,
      { entries: rows.map(documentOf) },
      ["TIME", "KIND", "PERFORMER", "WHERE", "DETAILS"],
      rows.map((row) => [
        timeText(row.at),
        row.kind,
        row.performer ?? row.performer_kind,
        row.repository ?? row.namespace ?? "",
        row.metadata,
      ]),
    );
  },
);

function documentOf(row: EntryRow) {
  const { performer_kind, user_agent, ip, ...record } = entryRecord(row);
  return { ...record, performerKind: performer_kind, address: ip, userAgent: user_agent };
}

function limitOf(flags: ParsedFlags): number {
  const text = flags.value("limit") ?? String(USUAL);
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new UsageError(
    `--limit ${JSON.stringify(text)} is out of bounds`,
    `write a whole number from 1 to ${MOST}`,
  );
}
