import type { TagOutcome } from "@wharf/registry";

import type { AdminRun } from "./admin-command.ts";
import { timeOrNull, timeText } from "./time-text.ts";

/** Prints what was done to a tag. */
export function printOutcome(
  { print }: Pick<AdminRun, "print">,
  repository: string,
  outcome: TagOutcome,
): void {
  const { tag, status, digest, movedFrom = null, expiresAt, isImmutable } = outcome;
  print(
    {
      repository,
      tag,
      status,
      digest,
      movedFrom,
      ...(expiresAt === undefined ? {} : { expiresAt: timeOrNull(expiresAt) }),
      ...(isImmutable === undefined ? {} : { immutable: isImmutable }),
    },
    [
      STATUS_TEXTS[status](tag),
      `  digest   ${digest}`,
      ...(movedFrom === null ? [] : [`  before   ${movedFrom}`]),
      ...(typeof expiresAt === "number" ? [`  expires  ${timeText(expiresAt)} UTC`] : []),
      ...(expiresAt === null ? ["  expires  never"] : []),
      ...(isImmutable === undefined ? [] : [`  protected  ${isImmutable ? "yes" : "no"}`]),
    ],
  );
}

const STATUS_TEXTS: Readonly<Record<TagOutcome["status"], (tag: string) => string>> = {
  created: (tag) => `Tag ${tag} is created.`,
  moved: (tag) => `Tag ${tag} is moved.`,
  restored: (tag) => `Tag ${tag} is back.`,
  deleted: (tag) => `Tag ${tag} is deleted.`,
  updated: (tag) => `Tag ${tag} is changed.`,
  unchanged: (tag) => `Tag ${tag} was so already.`,
};
