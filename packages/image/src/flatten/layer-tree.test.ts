import assert from "node:assert/strict";
import { test } from "node:test";

import { file, link } from "../../test/entries.ts";
import { layerTar } from "../../test/tar-builder.ts";
import type { LayerPart } from "../../test/tar-builder.ts";
import { flatten } from "./flatten.ts";
import type { Flattened } from "./flatten.ts";
import { indexLayer } from "../layer/index-layer.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";

async function flattened(...parts: readonly LayerPart[]): Promise<Flattened> {
  return flatten([await indexLayer(new ChunkedSource(layerTar(parts)))]);
}

/** Each links to one that comes later: the worst order for whoever resolves them round by round. */
function chain(length: number): LayerPart[] {
  return Array.from({ length }, (_, at) =>
    link(`link-${at}`, at + 1 < length ? `link-${at + 1}` : "target"),
  );
}

test("a long chain of links before their target takes time in proportion", async () => {
  const { warnings } = await flattened(...chain(20_000), file("target", "data"));
  assert.equal(warnings.filter(({ rule }) => rule === 22).length, 10_000, "as many as are kept");
});

test("a cycle is found wherever the links into it begin", async () => {
  for (const end of ["link-0", "link-5", "link-9"]) {
    const parts = chain(10).with(9, link("link-9", end));
    await assert.rejects(flattened(...parts), {
      code: "damaged",
      message: /cycle of links|to itself/,
    });
  }
});

test("a chain that leads nowhere names the link that does", async () => {
  await assert.rejects(flattened(...chain(10)), {
    code: "damaged",
    message: /target, which does not exist \(layer 1, offset \d+, path link-9\)/,
  });
});
