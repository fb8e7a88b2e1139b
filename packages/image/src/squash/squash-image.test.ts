import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";

import { dir, file, link, opaque, whiteout } from "../../test/entries.ts";
import { layerTar } from "../../test/tar-builder.ts";
import { digestOf } from "../document/digest.ts";
import type { Image } from "../image.ts";
import { indexImage } from "../layer/index-image.ts";
import type { IndexedImage } from "../layer/index-image.ts";
import { squashImage } from "./squash-image.ts";
import type { SquashImageOptions } from "./squash-image.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { collectSink } from "../testing/collect.ts";

const tars = [
  layerTar([
    dir("etc/"),
    file("etc/a", "x".repeat(2000)),
    file("etc/b", "y".repeat(600)),
    file("log", "z".repeat(5000)),
  ]),
  layerTar([whiteout("log"), file("etc/b", "new"), dir("opt/"), file("opt/tool", "t".repeat(100))]),
  layerTar([dir("opt/"), opaque("opt"), file("opt/other", "o"), link("opt/same", "opt/other")]),
];
const blobs = tars.map((tar, number) => (number === 1 ? gzipSync(tar) : tar));

function imageOf(diffIdsKnown = true): Image {
  const history = ["ADD base", "RUN upgrade", "COPY . /opt"].map((text) => ({ created_by: text }));
  const config = Buffer.from(
    JSON.stringify({
      os: "linux",
      architecture: "amd64",
      rootfs: { type: "layers", diff_ids: tars.map(digestOf) },
      history,
    }),
  );
  return {
    names: ["app:1"],
    config,
    configDigest: digestOf(config),
    manifestDigest: undefined,
    annotations: { a: "b" },
    platform: { os: "linux", architecture: "amd64" },
    layers: blobs.map((bytes, number) => ({
      blob: new ChunkedSource(bytes),
      mediaType: "application/vnd.oci.image.layer.v1.tar",
      digest: digestOf(bytes),
      diffId: diffIdsKnown ? digestOf(tars[number] ?? bytes) : undefined,
    })),
  };
}

async function withIndexed(
  check: (indexed: IndexedImage) => Promise<void>,
  image = imageOf(),
): Promise<void> {
  await using indexed = await indexImage(image);
  await check(indexed);
}

const ranges: readonly SquashImageOptions[] = [
  {},
  { keep: 1 },
  { keep: 2 },
  { keep: 3 },
  { to: 2 },
  { keep: 1, to: 2 },
  { keep: 1, to: 1 },
  { to: 0 },
];

for (const options of ranges) {
  const { keep = 0, to = 3 } = options;
  test(`layers ${keep + 1} to ${to} squashed: sizes are exact, the others stay as they are`, () =>
    withIndexed(async (indexed) => {
      const squashed = squashImage(indexed, options);
      const expected = to > keep ? 3 - (to - keep) + 1 : 3;
      assert.equal(squashed.layers.length, expected);
      let total = 0;
      for (const [number, layer] of squashed.layers.entries()) {
        const written = await collectSink((sink) => layer.writeTo(sink));
        const again = await collectSink((sink) => layer.writeTo(sink));
        assert.ok(written.equals(again), "the same bytes every time");
        assert.equal(written.length, layer.size);
        total += layer.size;
        const isMade = to > keep && number === keep;
        assert.equal(layer.kept === undefined, isMade);
        if (isMade) continue;
        const source = number < keep ? number : 3 - (expected - number);
        assert.ok(written.equals(tars[source] ?? Buffer.alloc(0)));
        assert.equal(layer.diffId, digestOf(written));
        assert.equal(layer.kept?.digest, digestOf(blobs[source] ?? written));
      }
      const { report } = squashed;
      assert.deepEqual(
        [report.layersBefore, report.layersAfter, report.keptBase, report.bytesAfter],
        [3, expected, keep, total],
      );
      assert.equal(
        report.bytesBefore,
        tars.reduce((sum, { length }) => sum + length, 0),
      );
      assert.deepEqual([squashed.names, squashed.annotations], [["app:1"], { a: "b" }]);
    }));
}

suite("the report of a whole squash", () => {
  test("what each layer adds, changes, hides and still contributes", () =>
    withIndexed(async (indexed) => {
      const { report } = squashImage(indexed);
      assert.deepEqual(
        report.layers.map(({ number, entries, added, changed, hidden, createdBy }) => [
          number,
          entries,
          added,
          changed,
          hidden,
          createdBy,
        ]),
        [
          [1, 4, 4, 0, 0, "ADD base"],
          [2, 4, 2, 1, 1, "RUN upgrade"],
          [3, 4, 2, 1, 1, "COPY . /opt"],
        ],
      );
      for (const { size, contributedBytes, wastedBytes } of report.layers)
        assert.equal(contributedBytes + wastedBytes, size);
      const contributed = report.layers.reduce((sum, layer) => sum + layer.contributedBytes, 0);
      assert.equal(report.bytesAfter, contributed + 1024, "and the end of the tar");
    }));

  test("dead weight, the largest first", () =>
    withIndexed(async (indexed) => {
      assert.deepEqual(squashImage(indexed).report.deadWeight, [
        { path: "log", layer: 1, hiddenBy: 2, bytes: 512 + 5120 },
        { path: "etc/b", layer: 1, hiddenBy: 2, bytes: 512 + 1024 },
        { path: "opt/tool", layer: 2, hiddenBy: 3, bytes: 1024 },
      ]);
    }));
});

test("a config that nothing changes stays as it is, byte for byte", async () => {
  await withIndexed(async (indexed) => {
    const squashed = squashImage(indexed, { keep: 3 });
    assert.equal(squashed.config(tars.map(digestOf)), indexed.image.config);
  });
  await withIndexed(async (indexed) => {
    const made = squashImage(indexed, { keep: 3 }).config(tars.map(digestOf));
    assert.notEqual(made, indexed.image.config, "diffIDs that the source did not know are new");
  }, imageOf(false));
});

test("the config names the layers of the result", () =>
  withIndexed(async (indexed) => {
    const diffIds = [digestOf(Buffer.from("one")), digestOf(Buffer.from("two"))];
    const config = JSON.parse(
      Buffer.from(squashImage(indexed, { keep: 1 }).config(diffIds)).toString(),
    ) as {
      rootfs: { diff_ids: string[] };
      history: unknown[];
    };
    assert.deepEqual(config.rootfs.diff_ids, diffIds);
    assert.equal(config.history.length, 2);
  }));

test("names can be given", () =>
  withIndexed(async (indexed) => {
    assert.deepEqual(squashImage(indexed, { names: [] }).names, []);
  }));

test("a range of layers that is none is refused", () =>
  withIndexed(async (indexed) => {
    for (const options of [{ keep: -1 }, { to: 4 }, { keep: 2, to: 1 }, { keep: 4 }]) {
      assert.throws(() => squashImage(indexed, options), {
        name: "ImageError",
        code: "invalid-request",
      });
    }
  }));

test("a signal ends the writing of a kept and of a made layer", () =>
  withIndexed(async (indexed) => {
    const reason = new Error("changed my mind");
    for (const layer of squashImage(indexed, { keep: 1 }).layers) {
      const writing = collectSink((sink) => layer.writeTo(sink, AbortSignal.abort(reason)));
      await assert.rejects(writing, reason);
    }
  }));

test("layers above the squashed ones are in the report, whole", async () => {
  await using indexed = await indexImage(imageOf());
  const { report } = squashImage(indexed, { keep: 0, to: 2 });
  assert.equal(report.layers.length, 3);
  assert.equal(report.layers[2]?.contributedBytes, tars[2]?.length);
  assert.equal(report.layers[2]?.wastedBytes, 0);
});

test("what is indexed to be written once gives its spool back and says so the second time", async () => {
  await using indexed = await indexImage(imageOf(), { once: true });
  const [layer] = squashImage(indexed).layers;
  assert.ok(layer !== undefined);
  const bytes = await collectSink((sink) => layer.writeTo(sink));
  assert.equal(bytes.length, layer.size);
  await assert.rejects(
    collectSink((sink) => layer.writeTo(sink)),
    /written once/,
  );
});
