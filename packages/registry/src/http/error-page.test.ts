import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { ERROR_PAGE_PATH } from "./error-page-path.ts";
import { errorPage } from "./error-page.ts";

test("docs/errors.md says what the table of errors says", async () => {
  const written = await readFile(ERROR_PAGE_PATH, "utf8");
  const command = "node packages/registry/src/http/generate-error-page.ts";
  assert.equal(written, errorPage(), `generate it anew: ${command}`);
});
