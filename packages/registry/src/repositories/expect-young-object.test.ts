import assert from "node:assert/strict";
import { test } from "node:test";

import { expectYoungObject } from "./expect-young-object.ts";

test("an object that has waited too long for its row is not referred to", () => {
  expectYoungObject(1000, 1000 + 500, 1000);
  assert.throws(() => expectYoungObject(1000, 1000 + 501, 1000), {
    code: "UNAVAILABLE",
    status: 503,
  });
});
