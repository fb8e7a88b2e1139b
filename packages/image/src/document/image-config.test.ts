import assert from "node:assert/strict";
import { test } from "node:test";

import { parseImageConfig } from "./image-config.ts";
import type { ImageConfig } from "./image-config.ts";

const diffId = `sha256:${"1".repeat(64)}`;

function parse(config: unknown): ImageConfig {
  return parseImageConfig(Buffer.from(JSON.stringify(config)), "config");
}

test("platform, diffIDs and unknown fields are read", () => {
  const config = {
    os: "linux",
    architecture: "arm64",
    variant: "v8",
    rootfs: { diff_ids: [diffId] },
    "x.new": [1],
  };
  const { platform, diffIds, fields } = parse(config);
  assert.deepEqual(platform, { os: "linux", architecture: "arm64", variant: "v8" });
  assert.deepEqual(diffIds, [diffId]);
  assert.deepEqual(fields, config);
});

test("configs from before the platform was told are for Linux on amd64", () => {
  assert.deepEqual(parse({ rootfs: { type: "layers" } }).platform, {
    os: "linux",
    architecture: "amd64",
  });
});

test("Windows is refused", () => {
  assert.throws(() => parse({ os: "windows", rootfs: {} }), {
    code: "unsupported",
    message: /Windows/,
  });
});

test("a config without root file system, or with a wrong one, is refused", () => {
  assert.throws(() => parse({}), { code: "damaged" });
  assert.throws(() => parse({ rootfs: { diff_ids: ["x"] } }), { code: "damaged" });
  assert.throws(() => parse({ rootfs: { diff_ids: diffId } }), { code: "damaged" });
  assert.throws(() => parse({ rootfs: { type: "layers+base" } }), { code: "unsupported" });
});
