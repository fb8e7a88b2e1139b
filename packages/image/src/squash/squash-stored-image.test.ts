import assert from "node:assert/strict";
import { mkdtempDisposable, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";

import fc from "fast-check";

import { corpusImage } from "../../test/corpus-image.ts";
import { file, link, whiteout } from "../../test/entries.ts";
import { randomLayers } from "../../test/random-layers.ts";
import { layerTar } from "../../test/tar-builder.ts";
import type { LayerPart } from "../../test/tar-builder.ts";
import { digestOf } from "../document/digest.ts";
import { decodePlan, encodePlan } from "../flatten/plan-file.ts";
import { ImageError } from "../image-error.ts";
import { indexImage } from "../layer/index-image.ts";
import { indexStoredLayer, makeLayerIndexFile } from "../layer/index-stored-layer.ts";
import { decodeLayerIndex, encodeLayerIndex } from "../layer/layer-index-file.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { fileSource } from "../source/file-source.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { collect, collectSink } from "../testing/collect.ts";
import { randomBytes } from "../testing/random-bytes.ts";
import { ImageThreads } from "../threads/image-threads.ts";
import { squashImage } from "./squash-image.ts";
import { squashIntoFile } from "./squash-into-file.ts";
import { squashFromPlan, squashIndexFiles, squashStoredImage } from "./squash-stored-image.ts";
import { writeSquashedLayer } from "./write-squashed-layer.ts";

const layers: readonly (readonly LayerPart[])[] = [
  [file("etc/os-release", "Debian"), { name: "large", data: randomBytes(3_000_000) }],
  [file("etc/os-release", "Debian 13"), file("dead", "d")],
  [whiteout("dead"), link("etc/release", "etc/os-release"), file("app", "app")],
];

/** A stored image: gzip layers in one file, and what is known of them. */
async function withStored(
  check: (stored: {
    config: Uint8Array;
    blobs: readonly ByteSource[];
    indexes: readonly Uint8Array[];
    folder: string;
  }) => Promise<void>,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-stored-"));
  await using archive = await open(join(folder.path, "blobs"), "w+");
  using built = corpusImage(layers, "memory");
  const blobs: ByteSource[] = [];
  const indexes: Uint8Array[] = [];
  let offset = 0;
  for (const parts of layers) {
    const bytes = gzipSync(layerTar(parts));
    await archive.writeFile(bytes);
    const blob = fileSource({ fd: archive.fd, offset, size: bytes.length });
    offset += bytes.length;
    blobs.push(blob);
    indexes.push(encodeLayerIndex(await indexStoredLayer(blob, { digest: digestOf(bytes) })));
  }
  await check({ config: built.image.config, blobs, indexes, folder: folder.path });
}

test("a stored image squashes to what an opened one does", async () => {
  const property = fc.asyncProperty(randomLayers, fc.nat({ max: 3 }), async (specs, wanted) => {
    using built = corpusImage(specs, "memory");
    await using indexed = await indexImage(built.image);
    const indexes = indexed.layers.map(({ index }) => index);
    const keep = Math.min(wanted, specs.length);
    const { config } = built.image;
    let opened;
    try {
      opened = squashImage(indexed, { keep });
    } catch (error) {
      assert.ok(error instanceof ImageError);
      assert.throws(() => squashStoredImage({ config, indexes }, { keep }), {
        message: error.message,
      });
      return;
    }
    const stored = squashStoredImage({ config, indexes }, { keep });
    assert.deepEqual(stored.report, opened.report);
    assert.deepEqual(
      stored.layers.map(({ size, diffId }) => ({ size, diffId })),
      opened.layers.map(({ size, diffId }) => ({ size, diffId })),
    );
    const ids = stored.layers.map(({ diffId }, layer) => diffId ?? digestOf(Buffer.of(layer)));
    assert.deepEqual(stored.configFor(ids), opened.config(ids));
    assert.equal(stored.configLength, opened.config(ids).length);
    assert.equal(stored.plan === undefined, keep === specs.length);
    const made = opened.layers.find(({ kept }) => kept === undefined);
    if (stored.plan === undefined || made === undefined) return;
    const { plan } = stored;
    const blobs = built.image.layers.map(({ blob }) => blob);
    assert.ok(
      (await collectSink((sink) => writeSquashedLayer(plan, blobs, sink))).equals(
        await collectSink((sink) => made.writeTo(sink)),
      ),
    );
  });
  await fc.assert(property, { numRuns: 60 });
});

test("threads plan, write and hash the same as no threads", () =>
  withStored(async ({ config, blobs, indexes, folder }) => {
    await using threads = new ImageThreads({ count: 2 });
    const { configFor: alone, ...expected } = await squashIndexFiles({ config, indexes });
    const { configFor, ...planned } = await squashIndexFiles({ config, indexes }, { threads });
    assert.deepEqual(planned, expected);
    assert.deepEqual(configFor([digestOf(config)]), alone([digestOf(config)]));
    const { plan } = planned;
    assert.ok(plan !== undefined);
    const sources = indexes
      .map((bytes) => decodeLayerIndex(bytes))
      .map(({ size, diffId }) => ({ size, diffId }));
    const { configFor: again, ...fromPlan } = squashFromPlan(
      { config, layers: sources },
      decodePlan(encodePlan(plan)),
    );
    assert.deepEqual({ ...fromPlan, report: planned.report }, planned);
    assert.deepEqual(again([digestOf(config)]), alone([digestOf(config)]));
    const bytes = await collectSink((sink) => writeSquashedLayer(plan, blobs, sink));
    for (const options of [{ threads }, {}]) {
      await using target = await open(join(folder, "layer"), "w+");
      let written = 0;
      const diffId = await squashIntoFile(plan, blobs, target.fd, {
        ...options,
        onWritten: (count) => void (written += count),
      });
      assert.equal(diffId, digestOf(bytes));
      assert.equal(written, plan.size);
      assert.ok((await target.readFile()).equals(bytes));
    }
  }));

test("an index made by a thread is the same, and so is its file", () =>
  withStored(async ({ blobs, indexes }) => {
    await using threads = new ImageThreads();
    for (const [layer, blob] of blobs.entries()) {
      const digest = digestOf(await collect(blob.stream()));
      const alone = await indexStoredLayer(blob, { digest });
      assert.deepEqual(await indexStoredLayer(blob, { digest, threads }), alone);
      const made = await makeLayerIndexFile(blob, { digest, threads });
      assert.deepEqual(made.bytes, indexes[layer]);
      assert.deepEqual(
        [made.entries, made.size, made.storedSize, made.diffId, made.digest],
        [alone.table.count, alone.size, alone.storedSize, alone.diffId, alone.digest],
      );
      assert.deepEqual(await makeLayerIndexFile(blob, { digest }), made);
    }
  }));

suite("what cannot be squashed is told the same with and without threads", () => {
  test("a damaged layer, when it is indexed", () =>
    withStored(async ({ blobs: [blob] }) => {
      assert.ok(blob !== undefined);
      await using threads = new ImageThreads({ count: 1 });
      const digest = digestOf(Buffer.from("another layer"));
      const messages: string[] = [];
      for (const options of [{}, { threads }]) {
        await assert.rejects(indexStoredLayer(blob, { digest, ...options }), (error) => {
          assert.ok(error instanceof ImageError && error.code === "damaged");
          return messages.push(error.message) > 0;
        });
      }
      assert.equal(messages[0], messages[1]);
      const { storedSize } = await indexStoredLayer(blob, {
        digest: digestOf(await collect(blob.stream())),
        threads,
      });
      assert.equal(storedSize, blob.size, "the thread goes on");
    }));

  test("a damaged layer, when it is written", () =>
    withStored(async ({ config, blobs, indexes, folder }) => {
      await using threads = new ImageThreads({ count: 1 });
      const { plan } = await squashIndexFiles({ config, indexes }, { threads });
      const { slice } = blobs[0] ?? {};
      assert.ok(plan !== undefined && slice !== undefined);
      const cut = [fileSource({ ...slice, size: 100_000 }), ...blobs.slice(1)];
      await using target = await open(join(folder, "layer"), "w+");
      for (const options of [{}, { threads }]) {
        await assert.rejects(squashIntoFile(plan, cut, target.fd, options), {
          name: "ImageError",
          code: "damaged",
          place: { layer: 1 },
        });
      }
    }));

  test("a stored index that was changed, one of another version, too many entries", () =>
    withStored(async ({ config, indexes }) => {
      await using threads = new ImageThreads({ count: 1 });
      const [first = new Uint8Array()] = indexes;
      const limits = { ...DEFAULT_LIMITS, imageEntries: 5 };
      for (const options of [{}, { threads }]) {
        const squash = (bytes: Uint8Array): Promise<unknown> =>
          squashIndexFiles({ config, indexes: indexes.with(0, bytes) }, options);
        await assert.rejects(squash(first.with(40, (first[40] ?? 0) ^ 1)), { code: "damaged" });
        await assert.rejects(squash(first.with(8, 99)), { code: "unsupported" });
        const squashing = squashIndexFiles({ config, indexes }, { ...options, limits });
        await assert.rejects(squashing, { code: "limit" });
        await assert.rejects(squashIndexFiles({ config, indexes }, { ...options, keep: 4 }), {
          code: "invalid-request",
        });
      }
    }));
});

test("a layer that is no file is read by the calling thread", async () => {
  await using threads = new ImageThreads({ count: 1 });
  const tar = layerTar(layers[0] ?? []);
  const source = new ChunkedSource(gzipSync(tar), { sizes: [1000] });
  const digest = digestOf(gzipSync(tar));
  const index = await indexStoredLayer(source, { digest, threads });
  assert.equal(index.diffId, digestOf(tar));
  assert.equal(source.closed, source.opened);
});
