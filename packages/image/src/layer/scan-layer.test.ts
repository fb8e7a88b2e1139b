import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { link } from "../../test/entries.ts";
import { layerTar } from "../../test/tar-builder.ts";
import type { LayerPart } from "../../test/tar-builder.ts";
import { digestOf } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";
import { indexLayer } from "./index-layer.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { scanLayer } from "./scan-layer.ts";
import { Spool } from "../source/spool.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { verifyLayer } from "./verify-layer.ts";

const limits = DEFAULT_LIMITS;
const signal = new AbortController().signal;

/** A layer that lies behind something else in a file. */
async function withSlice(
  tar: Buffer,
  check: (slice: { fd: number; offset: number; size: number }) => Promise<void>,
): Promise<void> {
  await using spool = await Spool.create();
  await spool.write(Buffer.alloc(700, "x"));
  await spool.write(tar);
  await spool.write(Buffer.alloc(700, "y"));
  await check({ fd: spool.fd, offset: 700, size: tar.length });
}

/** Files shorter and longer than the windows that a layer is scanned in, and long names. */
const parts: fc.Arbitrary<LayerPart[]> = fc.array(
  fc.oneof(
    fc
      .tuple(fc.nat(), fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: 700_000 })))
      .map(([name, size]) => ({
        name: `file-${name}`,
        data: Buffer.alloc(size, "d"),
      })),
    fc
      .nat({ max: 400 })
      .map((length) => ({ name: "short", pax: { path: "n".repeat(1 + length) } })),
    fc.constant(link("link", "target")),
  ),
  { maxLength: 12 },
);

test("a scanned layer has the same index as one that is read", async () => {
  const property = fc.asyncProperty(parts, fc.nat({ max: 400_000 }), async (entries, after) => {
    const tar = Buffer.concat([layerTar(entries), Buffer.alloc(after)]);
    const claim = { digest: digestOf(tar), diffId: digestOf(tar) };
    const read = await indexLayer(new ChunkedSource(tar), { layer: 2, ...claim });
    await withSlice(tar, async (slice) => {
      assert.deepEqual(await scanLayer(slice, claim, { layer: 2, limits, signal }), read);
      await verifyLayer(slice, { layer: 2, ...claim });
    });
  });
  await fc.assert(property, { numRuns: 30 });
});

test("a layer that ends early is damage in both", async () => {
  const tar = layerTar([
    { name: "a", data: Buffer.alloc(600_000) },
    { name: "b", data: "b" },
  ]);
  const claim = { digest: digestOf(tar), diffId: digestOf(tar) };
  for (const length of [100, 700, 300_000, 600_511, 600_900]) {
    const cut = tar.subarray(0, length);
    await withSlice(cut, async (slice) => {
      const scanned = scanLayer(slice, claim, { layer: 2, limits, signal });
      const [scan, read] = await Promise.allSettled([
        scanned,
        indexLayer(new ChunkedSource(cut), { layer: 2 }),
      ]);
      assert.ok(scan.status === "rejected" && read.status === "rejected", `cut at ${length}`);
      assert.ok(scan.reason instanceof ImageError);
      assert.deepEqual(scan.reason.message, (read.reason as Error).message);
      await assert.rejects(verifyLayer(slice, { layer: 2, ...claim }), {
        code: "damaged",
        place: { layer: 2 },
      });
    });
  }
});

test("a file that is shorter than its slice is damage", async () => {
  const tar = layerTar([{ name: "a", data: Buffer.alloc(1000) }]);
  const claim = { layer: 2, digest: digestOf(tar), diffId: digestOf(tar) };
  await withSlice(tar, async (slice) => {
    const longer = { ...slice, size: slice.size + 701 };
    await assert.rejects(verifyLayer(longer, claim), {
      code: "damaged",
      message: /ends too early/,
    });
    await assert.rejects(scanLayer(longer, claim, { layer: 2, limits, signal }), {
      code: "damaged",
    });
  });
});

test("a signal ends a scan with its reason", async () => {
  const reason = new Error("changed my mind");
  const tar = layerTar([{ name: "a" }]);
  const claim = { digest: digestOf(tar), diffId: digestOf(tar) };
  await withSlice(tar, async (slice) => {
    const scanning = scanLayer(slice, claim, {
      layer: 1,
      limits,
      signal: AbortSignal.abort(reason),
    });
    await assert.rejects(scanning, reason);
  });
});
