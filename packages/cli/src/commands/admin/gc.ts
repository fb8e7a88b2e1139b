import { itemText, reportText } from "@wharf/registry";

import { safeText } from "../../output/safe-text.ts";
import { adminCommand } from "./admin-command.ts";

/** `wharf admin gc`. */
export const gc = adminCommand(
  {
    verb: "gc",
    summary: "delete what nothing refers to, or tell what it is",
    args: [],
    description: [
      "Collects expired tags, images without a tag, blobs that no image needs, uploads that nobody continued and what a crash has left. Safe while the server runs: pushes and pulls go on. The server does the same by itself (collection.interval).",
    ],
    examples: [
      { title: "What would go, and how many bytes?", command: "wharf admin gc --dry-run" },
      { title: "Everything by name:", command: "wharf admin gc --dry-run --verbose" },
    ],
    flags: [
      { name: "dry-run", help: "Delete nothing; print what a collection would delete now." },
      { name: "verbose", help: "Print every tag, image and blob, and the details of an error." },
    ],
  },
  async ({ administration, flags, context, print }) => {
    const { stderr, stdout, signal } = context;
    const list = flags.on("json") ? stderr : stdout;
    const report = await administration.collectGarbage({
      dryRun: flags.on("dry-run"),
      signal,
      ...(flags.on("verbose")
        ? { onItem: (item) => void list.write(`${safeText(itemText(item))}\n`) }
        : {}),
    });
    signal.throwIfAborted();
    print({ report }, reportText(report).trimEnd().split("\n"));
  },
);
