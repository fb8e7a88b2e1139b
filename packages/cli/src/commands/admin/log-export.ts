import { logText } from "@wharf/registry";

import { oneOf } from "../one-of.ts";
import { adminCommand } from "./admin-command.ts";
import { LOG_FLAGS, logQuery } from "./log-query.ts";
import { writeText } from "./write-text.ts";

/** `wharf admin log export`. */
export const logExport = adminCommand(
  {
    verb: "log export",
    summary: "write what was done to standard output",
    args: [],
    description: [
      "As NDJSON, one object in a line, or as CSV (RFC 4180) with a line of titles. However much it is, only a little is in memory. The export is no entry of the log by itself.",
    ],
    examples: [
      {
        title: "A month for the archive:",
        command:
          "wharf admin log export --from 2026-10-01 --to 2026-11-01 \\\n  | gzip > log-2026-10.ndjson.gz",
      },
      {
        title: "A team's for a spreadsheet:",
        command: "wharf admin log export --namespace team --from 90d --format csv > team.csv",
      },
    ],
    flags: [
      ...LOG_FLAGS,
      { name: "format", value: "ndjson|csv", help: "How it is written. Default: ndjson." },
    ],
  },
  async ({ administration, flags, context }) => {
    const format = oneOf(flags, "format", ["ndjson", "csv"]) ?? "ndjson";
    const { filter, read } = await logQuery(administration, flags);
    const { from, to } = filter;
    const place = { namespace: null, repository: null };
    const text = logText({ format, exportId: "", from, to, ...place, read }, context.signal);
    for await (const piece of text) await writeText(context, piece);
  },
);
