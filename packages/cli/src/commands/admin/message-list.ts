import { currentMessages } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { printTable } from "./print-table.ts";
import { timeOrNull, timeText } from "./time-text.ts";

/** `wharf admin message list`. */
export const messageList = adminCommand(
  {
    verb: "message list",
    summary: "list the messages to all users, the latest first",
    args: [],
    examples: [{ title: "All of them:", command: "wharf admin message list" }],
  },
  async (run) => {
    const found = await currentMessages(run.administration);
    const messages = found.map(({ uuid, severity, media_type, content, created_at }) => ({
      id: uuid,
      severity,
      mediaType: media_type,
      createdAt: timeOrNull(created_at),
      content,
    }));
    printTable(
      run,
      { messages },
      ["ID", "SEVERITY", "PUBLISHED", "TEXT"],
      found.map((one) => [one.uuid, one.severity, timeText(one.created_at), one.content]),
    );
  },
);
