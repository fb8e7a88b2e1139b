import type { TimeChange, TimeReport } from "@wharf/registry";

import { timeOrNull } from "./time-text.ts";

/** What the counts of a report are called. */
export const REPORT_NAMES = [
  ["move", "moved"],
  ["restore", "restored"],
  ["delete", "deleted"],
  ["skip", "skipped"],
  ["unchanged", "unchanged"],
] as const satisfies readonly (readonly [keyof TimeReport["counts"], string])[];

const REASONS = {
  out_of_window: "what it was may be forgotten already",
  immutable: "it is protected",
  newer: "it was not there then",
} as const satisfies Record<NonNullable<TimeChange["reason"]>, string>;

/** Why a tag is not taken back, in words. */
export function reasonText({ reason }: TimeChange): string {
  return reason === undefined ? "" : REASONS[reason];
}

/** In JSON. */
export function changeDocument({ tag, action, from, to, expiresAt, reason }: TimeChange) {
  return {
    tag,
    action,
    from,
    to,
    ...(expiresAt === undefined ? {} : { expiresAt: timeOrNull(expiresAt) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** For a person; digests whole, so that they can be copied. */
export function changeLines(change: TimeChange): string[] {
  const { tag, action, from, to } = change;
  if (action === "skip") return [`skip     ${tag}: ${reasonText(change)}`];
  return [
    `${action.padEnd(8)} ${tag}`,
    ...(from === null ? [] : [`  from   ${from}`]),
    ...(to === null ? [] : [`  to     ${to}`]),
  ];
}
