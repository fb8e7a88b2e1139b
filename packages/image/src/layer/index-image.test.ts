import assert from "node:assert/strict";
import { mkdtempDisposable, open, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { file } from "../../test/entries.ts";
import { layerTar } from "../../test/tar-builder.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { digestOf } from "../document/digest.ts";
import { nameOf } from "./entry-table.ts";
import { fileSource } from "../source/file-source.ts";
import { ImageError } from "../image-error.ts";
import type { Image } from "../image.ts";
import { indexImage } from "./index-image.ts";
import type { IndexedImage } from "./index-image.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { collect } from "../testing/collect.ts";
import { openFiles } from "../testing/open-files.ts";
import { randomBytes } from "../testing/random-bytes.ts";

/** Layers of all forms and rather different lengths. */
const tars = [900_000, 10, 400_000, 0, 1_500_000].map((length, number) =>
  layerTar([file(`layer-${number}`), { name: "data", data: randomBytes(length, number + 1) }]),
);
const compress = [
  gzipSync,
  (bytes: Buffer) => bytes,
  zstdCompressSync,
  gzipSync,
  (bytes: Buffer) => bytes,
];
const blobs = tars.map((tar, number) => compress[number]?.(tar) ?? tar);

/** An image of blobs, with the right digests. */
function imageOf(sources: readonly ByteSource[]): Image {
  const config = Buffer.from("{}");
  return {
    names: [],
    config,
    configDigest: digestOf(config),
    manifestDigest: undefined,
    platform: { os: "linux", architecture: "amd64" },
    layers: sources.map((blob, number) => ({
      blob,
      mediaType: "application/vnd.oci.image.layer.v1.tar",
      digest: digestOf(blobs[number] ?? Buffer.alloc(0)),
      diffId: digestOf(tars[number] ?? Buffer.alloc(0)),
    })),
  };
}

/** A folder for spools, and the image in one file of another folder. */
async function withImage(
  check: (image: Image, tmpDir: string) => Promise<void>,
  stored: readonly Buffer[] = blobs,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-index-"));
  await using spools = await mkdtempDisposable(join(tmpdir(), "wharf-spools-"));
  await using archive = await open(join(folder.path, "blobs"), "w+");
  let offset = 0;
  const sources: ByteSource[] = [];
  for (const blob of stored) {
    await archive.writeFile(blob);
    sources.push(fileSource({ fd: archive.fd, offset, size: blob.length }));
    offset += blob.length;
  }
  await check(imageOf(sources), spools.path);
  assert.deepEqual(await readdir(spools.path), [], "no spool has a name");
  assert.equal(openFiles(spools.path), 0, "no spool is open");
}

async function describe({ layers }: IndexedImage): Promise<unknown[]> {
  return await Promise.all(
    layers.map(async ({ index, content }) => ({
      ...index,
      content: digestOf(await collect(content.stream())),
      first: nameOf(index.table, 0),
    })),
  );
}

for (const workers of [1, 2, 4]) {
  suite(`an image read by ${workers}`, () => {
    test("has the index and the content of each layer", () =>
      withImage(async (image, tmpDir) => {
        await using indexed = await indexImage(image, { workers, tmpDir });
        assert.equal(indexed.image, image);
        for (const [number, { layer, index, content }] of indexed.layers.entries()) {
          assert.equal(layer, image.layers[number]);
          assert.equal(nameOf(index.table, 0), `layer-${number}`);
          assert.equal(index.diffId, layer.diffId);
          assert.equal(content.size, index.size);
          assert.ok((await collect(content.stream())).equals(tars[number] ?? Buffer.alloc(0)));
        }
        assert.equal(openFiles(tmpDir), 3, "one spool for each compressed layer");
      }));

    test("tells of all stored bytes", () =>
      withImage(async (image, tmpDir) => {
        let bytes = 0;
        const totals = new Set<number | undefined>();
        await using _ = await indexImage(image, {
          workers,
          tmpDir,
          onProgress: (event) => {
            assert.equal(event.phase, "index");
            bytes += event.bytes;
            totals.add(event.total);
          },
        });
        const expected = blobs.reduce((sum, { length }) => sum + length, 0);
        assert.deepEqual([bytes, [...totals]], [expected, [expected]]);
      }));

    test("is refused for one wrong layer, and the others end", async () => {
      for (const number of blobs.keys()) {
        const changed = blobs.map((blob, index) => {
          const copy = Buffer.from(blob);
          if (index === number) copy.fill(0x11, copy.length - 20);
          return copy;
        });
        await withImage(async (image, tmpDir) => {
          await assert.rejects(indexImage(image, { workers, tmpDir }), (error) => {
            assert.ok(error instanceof ImageError, String(error));
            assert.deepEqual([error.code, error.place.layer], ["damaged", number + 1]);
            return true;
          });
        }, changed);
      }
    });

    test("is given up by a signal with its reason, before and in the middle", () =>
      withImage(async (image, tmpDir) => {
        const reason = new Error("changed my mind");
        await assert.rejects(
          indexImage(image, { workers, tmpDir, signal: AbortSignal.abort(reason) }),
          reason,
        );
        const controller = new AbortController();
        const onProgress = ({ bytes }: { bytes: number }): void => {
          if (bytes > 0) controller.abort(reason);
        };
        const { signal } = controller;
        await assert.rejects(indexImage(image, { workers, tmpDir, signal, onProgress }), reason);
      }));

    test("hits the limits of the caller", () =>
      withImage(async (image, tmpDir) => {
        const limits = { ...DEFAULT_LIMITS, layerEntries: 1 };
        await assert.rejects(indexImage(image, { workers, tmpDir, limits }), { code: "limit" });
      }));
  });
}

test("threads make the same index as no threads", () =>
  withImage(async (image, tmpDir) => {
    await using alone = await indexImage(image, { workers: 1, tmpDir });
    await using threads = await indexImage(image, { workers: 3, tmpDir });
    assert.deepEqual(await describe(threads), await describe(alone));
  }));

test("layers that lie in no file are read all the same", async () => {
  const sources = blobs.map((blob) => new ChunkedSource(blob, { sizes: [70_000] }));
  await using indexed = await indexImage(imageOf(sources), { workers: 3 });
  assert.deepEqual(
    indexed.layers.map(({ index }) => index.diffId),
    tars.map(digestOf),
  );
  for (const source of sources) assert.equal(source.closed, source.opened);
});

test("an error of one source ends the transfer of the others", async () => {
  const failure = new Error("the network is gone");
  const sources = blobs.map(
    (blob, number) =>
      new ChunkedSource(
        blob,
        number === 2 ? { sizes: [1000], failAt: 5000, failure } : { sizes: [1000] },
      ),
  );
  await assert.rejects(indexImage(imageOf(sources), { workers: 2 }), failure);
  for (const source of sources) assert.equal(source.closed, source.opened);
});

test("an image without layers has none", async () => {
  await using indexed = await indexImage(imageOf([]));
  assert.deepEqual(indexed.layers, []);
});

test("an image of too many layers or entries is refused", () =>
  withImage(async (image, tmpDir) => {
    for (const limits of [{ layers: 4 }, { imageEntries: 9 }]) {
      const options = { workers: 1, tmpDir, limits: { ...DEFAULT_LIMITS, ...limits } };
      await assert.rejects(indexImage(image, options), { code: "limit" }, JSON.stringify(limits));
    }
  }));

test("a folder for spools that is not there is an error", () =>
  withImage(async (image, tmpDir) => {
    await assert.rejects(indexImage(image, { tmpDir: join(tmpDir, "missing") }), {
      code: "ENOENT",
    });
  }));

suite("an image that is verified alongside", () => {
  test("has the same index, and tells when it is verified", () =>
    withImage(async (image, tmpDir) => {
      await using before = await indexImage(image, { workers: 1, tmpDir });
      await using alongside = await indexImage(image, { workers: 3, tmpDir, verify: "alongside" });
      assert.deepEqual(await describe(alongside), await describe(before));
      await alongside.verified;
    }));

  test("is refused later for changed data, named by its layer", async () => {
    const changed = blobs.with(
      4,
      Buffer.from(blobs[4] ?? Buffer.alloc(0)).fill(0x11, 100_000, 100_001),
    );
    await withImage(async (image, tmpDir) => {
      await using indexed = await indexImage(image, { workers: 2, tmpDir, verify: "alongside" });
      await assert.rejects(indexed.verified, (error) => {
        assert.ok(error instanceof ImageError, String(error));
        assert.deepEqual([error.code, error.place.layer], ["damaged", 5]);
        return true;
      });
    }, changed);
  });

  test("can be closed before it is verified", () =>
    withImage(async (image, tmpDir) => {
      const indexed = await indexImage(image, { workers: 2, tmpDir, verify: "alongside" });
      const verified = Promise.allSettled([indexed.verified]);
      await indexed[Symbol.asyncDispose]();
      await verified; // either way, but it settles
    }));
});
