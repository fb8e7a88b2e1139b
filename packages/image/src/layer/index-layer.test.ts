import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { suite, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import fc from "fast-check";

import { file } from "../../test/entries.ts";
import { layerTar } from "../../test/tar-builder.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { digestOf, parseDigest } from "../document/digest.ts";
import type { Digest } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";
import { indexLayer } from "./index-layer.ts";
import type { IndexLayerOptions } from "./index-layer.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { Spool } from "../source/spool.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { collect } from "../testing/collect.ts";
import { randomBytes } from "../testing/random-bytes.ts";

const tar = layerTar([
  file("etc/hostname", "example"),
  { name: "random", data: randomBytes(700_000) },
  { name: "zeros", data: Buffer.alloc(900_000) },
]);
const forms: Readonly<Record<string, Buffer>> = {
  plain: tar,
  gzip: gzipSync(tar),
  "gzip in members": Buffer.concat([gzipSync(tar.subarray(0, 1000)), gzipSync(tar.subarray(1000))]),
  zstd: zstdCompressSync(tar),
};

function sha512(bytes: Uint8Array): Digest {
  return parseDigest(`sha512:${createHash("sha512").update(bytes).digest("hex")}`);
}

const inChunks = (bytes: Uint8Array, size = 50_000): ByteSource =>
  new ChunkedSource(bytes, { sizes: [size] });

for (const [form, stored] of Object.entries(forms)) {
  suite(`a layer, ${form}`, () => {
    test("is indexed with its digests and sizes", async () => {
      let told = 0;
      const index = await indexLayer(inChunks(stored), {
        layer: 1,
        digest: digestOf(stored),
        diffId: digestOf(tar),
        onRead: (bytes) => void (told += bytes),
      });
      const { digest, diffId, size, storedSize, warnings } = index;
      assert.deepEqual(
        { digest, diffId, size, storedSize, warnings, told, entries: index.table.count },
        {
          digest: digestOf(stored),
          diffId: digestOf(tar),
          size: tar.length,
          storedSize: stored.length,
          warnings: [],
          told: stored.length,
          entries: 3,
        },
      );
    });

    test("is indexed with what it has when nothing is claimed", async () => {
      const { digest, diffId } = await indexLayer(inChunks(stored));
      assert.deepEqual([digest, diffId], [digestOf(stored), digestOf(tar)]);
    });

    test("is verified by whatever algorithms its digests have", async () => {
      const digests = [undefined, digestOf(stored), sha512(stored)];
      const diffIds = [undefined, digestOf(tar), sha512(tar)];
      for (const digest of digests) {
        for (const diffId of diffIds) {
          const index = await indexLayer(inChunks(stored), { digest, diffId });
          if (digest !== undefined) assert.equal(index.digest, digest);
          if (diffId !== undefined) assert.equal(index.diffId, diffId);
        }
      }
    });

    test("is refused when a digest is another one", async () => {
      const other = Buffer.from("other bytes");
      const wrong: [IndexLayerOptions, RegExp][] = [
        [{ digest: digestOf(other) }, /the digest does not match/],
        [{ digest: sha512(other), diffId: digestOf(tar) }, /the digest does not match/],
        [{ diffId: digestOf(other), digest: digestOf(stored) }, /diffID does not match/],
        [{ diffId: sha512(other) }, /diffID does not match/],
      ];
      for (const [claims, message] of wrong) {
        await assert.rejects(indexLayer(inChunks(stored), { ...claims, layer: 7 }), (error) => {
          assert.ok(error instanceof ImageError);
          assert.deepEqual([error.code, error.place], ["damaged", { layer: 7 }]);
          assert.match(error.message, message);
          return true;
        });
      }
    });

    test("that changed after it was named is refused", async () => {
      const digest = digestOf(stored);
      const property = fc.asyncProperty(fc.nat({ max: stored.length - 1 }), async (at) => {
        const changed = Buffer.from(stored);
        changed[at] = (changed[at] ?? 0) ^ 0x10;
        await assert.rejects(indexLayer(inChunks(changed), { layer: 2, digest }), (error) => {
          assert.ok(error instanceof ImageError, String(error));
          assert.equal(error.place.layer, 2);
          return true;
        });
      });
      await fc.assert(property, { numRuns: 15 });
    });

    test("that is cut short is refused, and does not fit its digest anyway", async () => {
      const digest = digestOf(stored);
      for (const length of [0, 1, 5, 600, stored.length - 1]) {
        const cut = indexLayer(inChunks(stored.subarray(0, length)), { layer: 2, digest });
        await assert.rejects(
          cut,
          (error) => error instanceof ImageError && error.place.layer === 2,
        );
      }
    });

    test("gives its content to a spool, where it is compressed", async () => {
      await using spool = await Spool.create();
      const index = await indexLayer(inChunks(stored), { spoolTo: spool.fd });
      if (form === "plain") return;
      assert.ok((await collect(spool.source(index.size).stream())).equals(tar));
    });

    test("is given up by a signal with its reason", async () => {
      const reason = new Error("changed my mind");
      const source = new ChunkedSource(stored, { sizes: [1000] });
      const controller = new AbortController();
      let told = 0;
      const onRead = (bytes: number): void => {
        told += bytes;
        if (told > 2000) controller.abort(reason);
      };
      await assert.rejects(
        indexLayer(source, { layer: 1, signal: controller.signal, onRead }),
        reason,
      );
      assert.equal(source.closed, source.opened);
    });
  });
}

test("warnings of the tar and of what follows the compressed data come together", async () => {
  const stored = Buffer.concat([
    gzipSync(layerTar([{ name: "a", type: "7" }])),
    Buffer.from("garbage"),
  ]);
  const { warnings, storedSize } = await indexLayer(inChunks(stored), { digest: digestOf(stored) });
  assert.deepEqual(
    warnings.map(({ rule }) => rule),
    [35, 44],
  );
  assert.match(warnings[1]?.message ?? "", /^7 bytes/);
  assert.equal(storedSize, stored.length);
});

test("what the spool cannot take is an error", async () => {
  await using full = await open("/dev/full", "w"); // takes nothing
  await assert.rejects(indexLayer(inChunks(gzipSync(tar)), { spoolTo: full.fd }), {
    code: "ENOSPC",
  });
});

suite("a layer that expands too far", () => {
  const bomb = gzipSync(layerTar([{ name: "zeros", data: Buffer.alloc(8_000_000) }]));

  test("by its ratio, counted beyond a free part", async () => {
    const limits = { ...DEFAULT_LIMITS, ratioFreeBytes: 1_000_000, expansionRatio: 100 };
    const source = new ChunkedSource(bomb, { sizes: [500] });
    await assert.rejects(indexLayer(source, { layer: 4, limits }), (error) => {
      assert.ok(error instanceof ImageError);
      assert.deepEqual([error.code, error.place.layer], ["limit", 4]);
      return true;
    });
    assert.ok(source.handedOut < bomb.length, "it is not read to its end");
    await indexLayer(inChunks(bomb), { limits: { ...limits, ratioFreeBytes: 9_000_000 } });
    await indexLayer(inChunks(bomb), { limits: { ...limits, expansionRatio: 2000 } });
  });

  test("by its size, also behind the end of the tar", async () => {
    const limits = { ...DEFAULT_LIMITS, layerBytes: 1_000_000 };
    const padded = gzipSync(Buffer.concat([layerTar([file("a")]), Buffer.alloc(1_000_000)]));
    for (const stored of [bomb, padded]) {
      await assert.rejects(indexLayer(inChunks(stored), { limits }), {
        name: "ImageError",
        code: "limit",
      });
    }
  });
});
