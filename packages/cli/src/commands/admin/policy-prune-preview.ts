import { OPERATOR, previewPrune } from "@wharf/registry";

import { sizeText } from "../../output/size-text.ts";
import { adminCommand } from "./admin-command.ts";
import { POLICY_PLACE, policyOwner } from "./policy-owner.ts";
import { printTable } from "./print-table.ts";
import { PRUNE_FLAGS, pruneWish } from "./prune-wish.ts";
import { timeOrNull, timeText } from "./time-text.ts";

/** `wharf admin policy prune preview`. */
export const policyPrunePreview = adminCommand(
  {
    verb: "policy prune preview",
    summary: "tell which tags would go",
    args: [POLICY_PLACE],
    description: ["Changes nothing. Without a rule: by the policies in force. At most 1000 tags."],
    examples: [
      {
        title: "What would go?",
        command: "wharf admin policy prune preview team/app --keep 20",
      },
    ],
    flags: PRUNE_FLAGS,
  },
  async (run) => {
    const { administration, context } = run;
    const [place = ""] = run.args;
    const wish = pruneWish(run.flags);
    const owner = await policyOwner(administration, place);
    const found = await previewPrune(administration, OPERATOR, owner, wish, context.signal);
    const tags = found.tags.map(({ repository, name, digest, startedAt, size, policy }) => ({
      repository,
      name,
      digest,
      startedAt: timeOrNull(startedAt),
      size,
      ...(policy === undefined ? {} : { policy }),
    }));
    if (found.isTruncated) context.stderr.write("wharf: there may be more\n");
    printTable(
      run,
      { place, tags, truncated: found.isTruncated },
      ["REPOSITORY", "TAG", "SINCE", { title: "SIZE", align: "right" }, "DIGEST"],
      found.tags.map((tag) => [
        tag.repository,
        tag.name,
        timeText(tag.startedAt),
        sizeText(tag.size),
        tag.digest,
      ]),
    );
  },
);
