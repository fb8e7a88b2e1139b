import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

import type { FromGroup } from "./group-message.ts";

/**
 * What an event of node:test means for the count, undefined when nothing.
 * Suites, and tests that fail only because a subtest did, are not counted a second time.
 */
export function outcomeOf(event: TestEvent): FromGroup | undefined {
  if (event.type === "test:pass") {
    const { details, skip, todo } = event.data;
    // A suite that is skipped tells of none of its tests.
    if (skip !== undefined) return { type: "skipped", reason: reasonOf(skip) };
    if (details.type === "suite") return undefined;
    if (todo !== undefined) return { type: "skipped", reason: `to do: ${event.data.name}` };
    return { type: "passed" };
  }
  if (event.type === "test:fail") {
    const { details, file, line, name, todo } = event.data;
    if (todo !== undefined) return { type: "skipped", reason: `to do: ${name}` };
    if (failureTypeOf(details.error) === "subtestsFailed") return undefined;
    const place = file === undefined ? "" : ` (${relative(process.cwd(), file)}:${line ?? 1})`;
    return { type: "failed", text: `\n✖ ${name}${place}\n${indent(describe(details.error))}\n` };
  }
  return undefined;
}

function reasonOf(skip: string | boolean): string {
  return typeof skip === "string" && skip !== "" ? skip : "no reason given";
}

/** node:test wraps what a test threw; `failureType` is an own property that its types do not know. */
function failureTypeOf(error: Error): unknown {
  return "failureType" in error ? error.failureType : undefined;
}

function describe(error: Error): string {
  const cause = error.cause ?? error;
  return typeof cause === "string" ? cause : inspect(cause, { colors: process.stdout.isTTY });
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
