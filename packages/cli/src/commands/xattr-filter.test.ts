import assert from "node:assert/strict";
import { test } from "node:test";

import { xattrFilter } from "./xattr-filter.ts";

test("a name drops itself, a star drops what begins so", () => {
  const drops = xattrFilter(["security.selinux", "user.*"]);
  assert.deepEqual(
    ["security.selinux", "security.selinux2", "security.capability", "user.a", "user."].map(drops),
    [true, false, false, true, true],
  );
});

test("no pattern drops nothing", () => {
  assert.equal(xattrFilter([])("user.a"), false);
});
