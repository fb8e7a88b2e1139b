import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { CONFIGURATION_PAGE_PATH } from "./configuration-page-path.ts";
import { configurationPage } from "./configuration-page.ts";
import { variableOf } from "./option.ts";
import { OIDC_FIELDS } from "./oidc-options.ts";
import { OPTION_KEYS } from "./options.ts";

test("docs/configuration.md says what the table of keys says", async () => {
  const written = await readFile(CONFIGURATION_PAGE_PATH, "utf8");
  const command = "node packages/registry/src/config/generate-page.ts";
  assert.equal(written, configurationPage(), `generate it anew: ${command}`);
});

test("every key has its heading and its variable on the page", () => {
  const lines = configurationPage().split("\n");
  for (const key of OPTION_KEYS) {
    assert.ok(
      lines.some((line) => /^##+ /.test(line) && line.endsWith(` \`${key}\``)),
      key,
    );
    assert.ok(
      lines.some((line) => line.includes(`\`${variableOf(key)}\``)),
      key,
    );
  }
  for (const field of OIDC_FIELDS) assert.ok(lines.includes(`### \`oidc.<id>.${field}\``), field);
});
