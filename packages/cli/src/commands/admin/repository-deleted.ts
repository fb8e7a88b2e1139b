import { sizeText } from "../../output/size-text.ts";
import { adminCommand } from "./admin-command.ts";
import { deletedRepositories } from "./deleted-repositories.ts";
import { printTable } from "./print-table.ts";
import { timeOrNull, timeText } from "./time-text.ts";

/** `wharf admin repository deleted`. */
export const repositoryDeleted = adminCommand(
  {
    verb: "repository deleted",
    summary: "list what can still be restored of a namespace",
    args: ["NAMESPACE"],
    examples: [{ title: "What can be restored?", command: "wharf admin repository deleted team" }],
  },
  async (run) => {
    const [namespace = ""] = run.args;
    const found = await deletedRepositories(run.administration, namespace);
    const repositories = found.map((one) => ({
      id: one.id,
      name: one.name,
      deletedAt: timeOrNull(one.deletedAt),
      deletedBy: one.deletedBy,
      restorableUntil: timeOrNull(one.restorableUntil),
      pendingBytes: one.pendingBytes,
    }));
    printTable(
      run,
      { namespace, repositories },
      ["ID", "NAME", "DELETED", "RESTORABLE UNTIL", { title: "SIZE", align: "right" }, "BY"],
      found.map((one) => [
        String(one.id),
        one.name,
        timeText(one.deletedAt),
        timeText(one.restorableUntil),
        sizeText(one.pendingBytes),
        one.deletedBy ?? "",
      ]),
    );
  },
);
