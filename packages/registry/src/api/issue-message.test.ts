import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { issueMessage } from "./issue-message.ts";

test("what is wrong with a field is told in words", () => {
  const cases: readonly [schema: z.ZodType, value: unknown, message: string][] = [
    [z.string(), undefined, "is missing"],
    [z.enum(["read", "write"]), undefined, "is missing"],
    [z.string(), 1, "must be a string"],
    [z.int(), 1.5, "must be a whole number"],
    [z.boolean(), "yes", "must be true or false"],
    [z.array(z.string()), {}, "must be a list"],
    [z.record(z.string(), z.string()), [], "must be an object"],
    [z.object({}), null, "must be an object"],
    [z.enum(["read", "write", "admin"]), "boss", "must be read, write or admin"],
    [z.literal("image"), "chart", "must be image"],
    [z.iso.datetime(), "tomorrow", "must be a time such as 2026-11-21T10:00:00Z (RFC 3339)"],
    [z.int().min(1), 0, "must be at least 1"],
    [z.number().max(9), 10, "must be at most 9"],
    [z.string().min(1), "", "must have at least 1 characters"],
    [z.array(z.int()).max(1), [1, 2], "must have at most 1 entries"],
    [z.union([z.int(), z.boolean()]), "x", "is not valid"],
    [z.string().min(1, "must not be empty"), "", "must not be empty"],
  ];
  for (const [schema, value, message] of cases) {
    const { error } = schema.safeParse(value, { error: issueMessage });
    assert.equal(error?.issues[0]?.message, message);
  }
});
