import type { z } from "zod";

/** What the schema does not say itself, in the words of the other refusals: the name of the field stands before it. */
export function issueMessage(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${choiceOf(issue.values.map(String))}`;
    case "invalid_format":
      return issue.format === "datetime"
        ? "must be a time such as 2026-11-21T10:00:00Z (RFC 3339)"
        : "is malformed";
    case "too_small":
      return `must ${amountOf(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `must ${amountOf(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      return "is not valid";
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function choiceOf(values: readonly string[]): string {
  const rest = values.slice(0, -1).join(", ");
  return rest === "" ? (values[0] ?? "") : `${rest} or ${values.at(-1)}`;
}

function amountOf(origin: string): string {
  return origin === "string" || origin === "array" ? "have" : "be";
}

function unitOf(origin: string): string {
  if (origin === "array") return " entries";
  return origin === "string" ? " characters" : "";
}
