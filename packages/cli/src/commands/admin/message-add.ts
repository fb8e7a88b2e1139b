import { OPERATOR, publishMessage } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { oneOf } from "../one-of.ts";
import { adminCommand } from "./admin-command.ts";

/** As the API takes it. */
const LONGEST = 10_000;

/** `wharf admin message add`. */
export const messageAdd = adminCommand(
  {
    verb: "message add",
    summary: "publish a message to all users",
    args: ["TEXT"],
    examples: [
      {
        title: "Before an upgrade:",
        command: 'wharf admin message add --severity warning "Down on Friday at 18:00 UTC."',
      },
    ],
    flags: [
      { name: "severity", value: "info|warning|error", help: "How it is shown. Default: info." },
      { name: "markdown", help: "TEXT is Markdown." },
    ],
  },
  async ({ administration, args: [content = ""], flags, print }) => {
    const severity = oneOf(flags, "severity", ["info", "warning", "error"]) ?? "info";
    if (content === "" || content.length > LONGEST) {
      throw new UsageError(`a message has 1 to ${LONGEST} characters`, "write it shorter");
    }
    const media_type = flags.on("markdown") ? "text/markdown" : "text/plain";
    const { uuid: id } = await publishMessage(administration, OPERATOR, {
      content,
      media_type,
      severity,
    });
    print({ id, severity, content }, [`Message ${id} is published.`]);
  },
);
