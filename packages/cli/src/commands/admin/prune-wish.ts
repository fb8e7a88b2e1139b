import type { PruneWish } from "@wharf/registry";

import type { Flag } from "../../flag.ts";
import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";

/** What says which tags go. */
export const PRUNE_FLAGS: readonly Flag[] = [
  { name: "keep", value: "COUNT", help: "Keep this many tags, the latest; the others go." },
  {
    name: "older-than",
    value: "AGE",
    help: "Tags go that nobody has moved for so long, such as 30d (s, m, h, d, w, y).",
  },
  { name: "pattern", value: "RE2", help: "Only tags in whose name this expression is found." },
  { name: "except", help: "With --pattern: all tags but those." },
];

/** @returns undefined when no rule is given. @throws {UsageError} for half of one, or two */
export function pruneWish(flags: ParsedFlags): PruneWish | undefined {
  const [keep, age, pattern] = [
    flags.value("keep"),
    flags.value("older-than"),
    flags.value("pattern"),
  ];
  if (flags.on("except") && pattern === undefined) {
    throw new UsageError("--except belongs to a pattern", "give --pattern as well");
  }
  if (keep === undefined && age === undefined && pattern === undefined) return undefined;
  if ((keep === undefined) === (age === undefined)) {
    throw new UsageError("a policy has one rule", "give --keep or --older-than");
  }
  return {
    method: keep === undefined ? "creation_date" : "number_of_tags",
    value: keep ?? age ?? "",
    pattern,
    matches: !flags.on("except"),
  };
}
