import assert from "node:assert/strict";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { digestOf } from "../document/digest.ts";
import type { ImageLayer } from "../image.ts";
import { keepLayer, measureLayer } from "../testing/kept-layer.ts";
import { openImageStream } from "../open-image.ts";
import type { OutputImage, OutputLayer } from "../squash/output-image.ts";
import type { ProgressEvent } from "../progress.ts";
import {
  Collector,
  memorySource,
  newImage,
  newLayer,
  tarOfFiles,
} from "../testing/made-archive.ts";
import { TarDirectory } from "./tar-directory.ts";
import { dockerArchiveSize, writeDockerArchive } from "./write-docker-archive.ts";

const lower = tarOfFiles({ "etc/os-release": "one" });
const upper = tarOfFiles({ "etc/hostname": "two" });

async function kept(bytes: Uint8Array, stored: Uint8Array = gzipSync(bytes)): Promise<OutputLayer> {
  const layer: ImageLayer = {
    blob: memorySource(stored),
    mediaType: "",
    digest: digestOf(stored),
    diffId: digestOf(bytes),
  };
  return keepLayer(layer, await measureLayer(layer));
}

async function write(images: readonly OutputImage[]): Promise<Buffer> {
  const collector = new Collector();
  const { size } = await writeDockerArchive(images, collector.sink);
  assert.equal(size, dockerArchiveSize(images));
  assert.equal(collector.bytes.length, size);
  return collector.bytes;
}

test("what is written is read again", async () => {
  const image = newImage(
    [await kept(lower), newLayer(upper)],
    ["app:1", "docker.io/library/app:2"],
  );
  const collector = new Collector();
  const { images } = await writeDockerArchive([image], collector.sink);
  await using source = await openImageStream(
    [collector.bytes].values() as unknown as AsyncIterable<Uint8Array>,
  ); // for await takes both
  const [read] = source.images;
  assert.ok(read);
  assert.deepEqual(read.names, ["app:1", "app:2"]);
  assert.equal(read.configDigest, images[0]?.configDigest);
  assert.deepEqual(
    read.layers.map(({ diffId }) => diffId),
    [digestOf(lower), digestOf(upper)],
  );
  for (const layer of read.layers) await measureLayer(layer);
  assert.deepEqual(images[0]?.layers, [
    {
      digest: digestOf(lower),
      size: lower.length,
      diffId: digestOf(lower),
      mediaType: read.layers[0]?.mediaType,
    },
    {
      digest: digestOf(upper),
      size: upper.length,
      diffId: digestOf(upper),
      mediaType: read.layers[1]?.mediaType,
    },
  ]);
});

test("layers come first, manifest.json last", async () => {
  const archive = await write([newImage([newLayer(lower), newLayer(upper)], ["app:1"])]);
  const names = [...(await TarDirectory.read(memorySource(archive))).names()];
  assert.deepEqual(names.slice(0, 2), ["layer-1.tar", "layer-2.tar"]);
  assert.match(names[2] ?? "", /^[0-9a-f]{64}\.json$/);
  assert.equal(names[3], "manifest.json");
});

test("kept layers that images share are written once", async () => {
  const images = [
    newImage([await kept(lower), await kept(upper)], ["one:1"]),
    newImage([await kept(lower, lower), newLayer(upper)], ["two:1"]),
  ];
  const directory = await TarDirectory.read(memorySource(await write(images)));
  const layers = [...directory.names()].filter((name) => name.startsWith("layer-"));
  assert.deepEqual(layers, ["layer-1.tar", "layer-2.tar", "layer-3.tar"]);
  const manifest = JSON.parse(String(await directory.read("manifest.json", 10_000))) as {
    Layers: string[];
  }[]; // made by us
  assert.deepEqual(
    manifest.map(({ Layers }) => Layers),
    [
      ["layer-1.tar", "layer-2.tar"],
      ["layer-1.tar", "layer-3.tar"],
    ],
  );
});

test("the same layer twice in an image is written once and listed twice", async () => {
  const directory = await TarDirectory.read(
    memorySource(await write([newImage([await kept(lower), await kept(lower)], [])])),
  );
  assert.match(
    String(await directory.read("manifest.json", 10_000)),
    /"Layers":\["layer-1.tar","layer-1.tar"\]/,
  );
});

test("the same images give the same bytes", async () => {
  const images = async (): Promise<OutputImage[]> => [
    newImage([await kept(lower), newLayer(upper)], ["app:1"]),
  ];
  assert.ok((await write(await images())).equals(await write(await images())));
});

test("names without repository or tag are left out, no name is null", async () => {
  const tags = async (names: readonly string[]): Promise<unknown> => {
    const directory = await TarDirectory.read(
      memorySource(await write([newImage([newLayer(lower)], names)])),
    );
    const [entry] = JSON.parse(String(await directory.read("manifest.json", 10_000))) as [
      { RepoTags: unknown },
    ]; // made by us
    return entry.RepoTags;
  };
  assert.deepEqual(await tags(["latest", "app:1", "example.com/x", `app@${digestOf(lower)}`]), [
    "app:1",
  ]);
  assert.equal(await tags(["latest"]), null);
  assert.equal(await tags([]), null);
});

test("a layer that gives another number of bytes than announced fails", async () => {
  for (const wrong of [-512, 512]) {
    const image = newImage([newLayer(lower, lower.length + wrong)], ["app:1"]);
    await assert.rejects(write([image]), /announced/);
  }
});

test("a layer over 8 GiB has its size in the header", async () => {
  const size = 9 * 2 ** 30;
  const huge: OutputLayer = { ...newLayer(lower), size };
  const image = newImage([huge], ["app:1"]);
  assert.ok(dockerArchiveSize([image]) > size);
  const headers = new Collector();
  await assert.rejects(writeDockerArchive([image], headers.sink), /announced/);
  const source = { ...memorySource(headers.bytes), size: size + 10_000 };
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-huge-"));
  assert.ok(folder.path);
  const directory = await TarDirectory.read({
    ...source,
    stream: (start = 0, end = source.size) =>
      start < headers.bytes.length
        ? memorySource(padded(headers.bytes, end)).stream(start, end)
        : zeros(end - start),
  });
  assert.equal(directory.member("layer-1.tar")?.size, size);
});

function padded(bytes: Buffer, length: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length))]);
}

async function* zeros(length: number): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(length);
}

test("a failing sink, an abort and a damaged layer end the writing", async () => {
  const image = newImage([await kept(lower)], ["app:1"]);
  await assert.rejects(
    writeDockerArchive([image], () => Promise.reject(new Error("disk full"))),
    /disk full/,
  );
  const signal = AbortSignal.abort(new Error("stop"));
  await assert.rejects(writeDockerArchive([image], new Collector().sink, { signal }), /stop/);
  const damaged: ImageLayer = {
    blob: memorySource(gzipSync(upper)),
    mediaType: "",
    digest: undefined,
    diffId: digestOf(lower),
  };
  const layer = keepLayer(damaged, { size: upper.length, diffId: digestOf(lower) });
  await assert.rejects(write([newImage([layer], [])]), { name: "ImageError", code: "damaged" });
});

test("progress adds up to the length of the archive", async () => {
  const events: ProgressEvent[] = [];
  const { size } = await writeDockerArchive(
    [newImage([newLayer(lower)], [])],
    new Collector().sink,
    {
      onProgress: (event) => void events.push(event),
    },
  );
  assert.equal(
    events.reduce((sum, { bytes }) => sum + bytes, 0),
    size,
  );
  assert.ok(events.every(({ phase, total }) => phase === "write" && total === size));
});
