import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { checkNamespaceName } from "../account-name.ts";
import { usernameCandidates } from "./username-candidates.ts";

suite("names for users of other services", () => {
  test("what is valid stays, and what is not is made so", () => {
    for (const [wish, name] of [
      ["alice", "alice"],
      ["Alice.Smith@example.com", "alice.smith"],
      ["Älice Müller", "alice-muller"],
      ["a__b..c--d", "a_b.c-d"],
      ["-_x.", "user-x"],
      ["@example.com", "example.com"],
      ["李", "user"],
      ["", "user"],
      ["DOMAIN\\bob", "domain-bob"],
      [`x${"y".repeat(500)}`, `x${"y".repeat(199)}`],
    ] as const) {
      assert.equal(first(wish, 1)[0], name, wish);
    }
  });

  test("numbers make a name unique, and in the end chance", () => {
    assert.deepEqual(first("bob", 3), ["bob", "bob2", "bob3"]);
    assert.deepEqual(first("bob7", 2), ["bob7", "bob7-2"]);
    const [last = "", again = ""] = first("bob", 52).slice(50);
    assert.match(last, /^bob-[0-9a-z]{8}$/);
    assert.notEqual(last, again);
  });

  test("every candidate of every text is a valid name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (wish) => {
        for (const name of first(wish, 52)) checkNamespaceName(name);
      }),
    );
  });
});

function first(wish: string, count: number): string[] {
  return [...usernameCandidates(wish).take(count)];
}
