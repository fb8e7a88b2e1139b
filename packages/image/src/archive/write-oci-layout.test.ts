import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import type { LayerCompression } from "../compression/compression.ts";
import { digestOf } from "../document/digest.ts";
import type { Image, ImageLayer } from "../image.ts";
import { keepLayer, measureLayer } from "../testing/kept-layer.ts";
import { MediaType } from "../document/media-types.ts";
import { openImagePath, openImageStream } from "../open-image.ts";
import type { OutputImage, OutputLayer } from "../squash/output-image.ts";
import { blobFile } from "./blob-file.ts";
import {
  Collector,
  memorySource,
  newImage,
  newLayer,
  openFilesBelow,
  tarOfFiles,
} from "../testing/made-archive.ts";
import { TarDirectory } from "./tar-directory.ts";
import { writeOciArchive, writeOciLayout } from "./write-oci-layout.ts";

const lower = tarOfFiles({ "etc/os-release": "one" });
const upper = tarOfFiles({ "etc/hostname": "two" });

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  return mkdtempDisposable(join(tmpdir(), "wharf-layout-"));
}

async function kept(
  bytes: Uint8Array,
  stored: Uint8Array,
  fields: Partial<ImageLayer> = {},
): Promise<OutputLayer> {
  const layer = {
    blob: memorySource(stored),
    mediaType: "",
    digest: digestOf(stored),
    diffId: digestOf(bytes),
    ...fields,
  };
  return keepLayer(layer, await measureLayer(layer));
}

/** Every file of a folder with its content. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, "latin1")]),
  );
  return Object.fromEntries(contents) as Record<string, string>; // pairs of strings
}

async function readLayout(path: string): Promise<readonly Image[]> {
  await using source = await openImagePath(path);
  for (const image of source.images) for (const layer of image.layers) await measureLayer(layer);
  return source.images;
}

const compressions: LayerCompression[] = [
  { kind: "none" },
  { kind: "gzip", level: 1 },
  { kind: "zstd", level: 3 },
];

for (const compression of compressions) {
  test(`a layout with new layers, compression ${compression.kind}, is read again from folder and tar`, async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "layout");
    const image = {
      ...newImage([newLayer(lower), newLayer(upper)], ["app:1"]),
      annotations: { note: "kept" },
    };
    const { images } = await writeOciLayout([image], path, { compression });
    const collector = new Collector();
    const archive = await writeOciArchive([image], collector.sink, {
      compression,
      tmpDir: folder.path,
    });
    assert.equal(archive.size, collector.bytes.length);
    assert.deepEqual(archive.images, images);
    await writeFile(join(folder.path, "layout.tar"), collector.bytes);
    for (const [read] of [
      await readLayout(path),
      await readLayout(join(folder.path, "layout.tar")),
    ]) {
      assert.ok(read);
      assert.deepEqual(read.names, ["app:1"]);
      assert.deepEqual(read.annotations, { note: "kept" });
      assert.equal(read.manifestDigest, images[0]?.manifestDigest);
      assert.deepEqual(
        read.layers.map(({ digest, mediaType, diffId, blob }) => ({
          digest,
          mediaType,
          diffId,
          size: blob.size,
        })),
        images[0]?.layers.map(({ digest, mediaType, diffId, size }) => ({
          digest,
          mediaType,
          diffId,
          size,
        })),
      );
      const suffix = compression.kind === "none" ? "" : `+${compression.kind}`;
      assert.ok(read.layers.every(({ mediaType }) => mediaType === MediaType.ociLayer + suffix));
    }
    assert.deepEqual((await readdir(folder.path)).toSorted(), ["layout", "layout.tar"]);
    assert.deepEqual(openFilesBelow(folder.path), []);
  });

  test(`the same images give the same files, compression ${compression.kind}`, async () => {
    await using folder = await temporaryFolder();
    const image = newImage([newLayer(lower), newLayer(upper)], ["app:1"]);
    const contents: Record<string, string>[] = [];
    const archives: Buffer[] = [];
    for (const name of ["a", "b"]) {
      await writeOciLayout([image], join(folder.path, name), { compression });
      contents.push(await contentOf(join(folder.path, name)));
      const collector = new Collector();
      await writeOciArchive([image], collector.sink, { compression });
      archives.push(collector.bytes);
    }
    assert.deepEqual(contents[0], contents[1]);
    assert.ok(archives[0]?.equals(archives[1] ?? Buffer.alloc(0)));
  });
}

test("gzip headers name neither time nor operating system", async () => {
  await using folder = await temporaryFolder();
  const { images } = await writeOciLayout(
    [newImage([newLayer(lower)], [])],
    join(folder.path, "layout"),
  );
  const blob = await readFile(
    join(folder.path, "layout", blobFile(images[0]?.layers[0]?.digest ?? digestOf(lower))),
  );
  assert.deepEqual([...blob.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
});

test("kept layers stay as they are stored, with the type in the words of OCI", async () => {
  await using folder = await temporaryFolder();
  const gzip = gzipSync(lower);
  const foreign = gzipSync(upper);
  const layers = [
    await kept(lower, gzip, {
      mediaType: `${MediaType.dockerLayer}.gzip`,
      annotations: { stored: "so" },
    }),
    await kept(upper, upper, { mediaType: MediaType.dockerLayer, digest: undefined }),
    await kept(upper, foreign, { mediaType: MediaType.dockerForeignLayer }),
  ];
  const path = join(folder.path, "layout");
  await writeOciLayout([newImage(layers, ["app:1"])], path, {
    compression: { kind: "zstd", level: 1 },
  });
  const [image] = await readLayout(path);
  assert.deepEqual(
    image?.layers.map(({ digest, mediaType, annotations }) => [digest, mediaType, annotations]),
    [
      [digestOf(gzip), `${MediaType.ociLayer}+gzip`, { stored: "so" }],
      [digestOf(upper), MediaType.ociLayer, undefined],
      [digestOf(foreign), `${MediaType.ociNondistributableLayer}+gzip`, undefined],
    ],
  );
});

test("kept layers are compressed anew on request, where they are stored in another way", async () => {
  await using folder = await temporaryFolder();
  const gzip = gzipSync(lower);
  const layers = [
    await kept(lower, gzip, { annotations: { stored: "so" } }),
    await kept(upper, upper),
  ];
  const path = join(folder.path, "layout");
  await writeOciLayout([newImage(layers, [])], path, {
    compression: { kind: "gzip", level: 6 },
    recompressKept: true,
  });
  const [image] = await readLayout(path);
  assert.equal(image?.layers[0]?.digest, digestOf(gzip));
  assert.notEqual(image?.layers[1]?.digest, digestOf(upper));
  const zstd = join(folder.path, "zstd");
  await writeOciLayout([newImage(layers, [])], zstd, {
    compression: { kind: "zstd", level: 3 },
    recompressKept: true,
  });
  const [other] = await readLayout(zstd);
  assert.ok(other?.layers.every(({ mediaType }) => mediaType === `${MediaType.ociLayer}+zstd`));
  assert.equal(other?.layers[0]?.annotations, undefined);
});

test("platforms under one name go into one index", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "layout");
  const arm = { os: "linux", architecture: "arm64", variant: "v8" };
  const images = [
    newImage([newLayer(lower)], ["app:1", "app:amd"]),
    newImage([newLayer(upper)], ["app:1"], arm),
  ];
  await writeOciLayout(images, path);
  const index = JSON.parse(await readFile(join(path, "index.json"), "utf8")) as {
    manifests: Record<string, unknown>[];
  }; // made by us
  assert.deepEqual(
    index.manifests.map(({ mediaType, annotations }) => [mediaType, annotations]),
    [
      [
        MediaType.ociIndex,
        {
          "io.containerd.image.name": "docker.io/library/app:1",
          "org.opencontainers.image.ref.name": "1",
        },
      ],
      [
        MediaType.ociManifest,
        {
          "io.containerd.image.name": "docker.io/library/app:amd",
          "org.opencontainers.image.ref.name": "amd",
        },
      ],
    ],
  );
  const read = await readLayout(path);
  assert.deepEqual(
    read.map(({ names, platform }) => [names, platform]),
    [
      [["app:1", "app:amd"], { os: "linux", architecture: "amd64" }],
      [["app:1"], arm],
    ],
  );
});

test("a name that is only a tag stays one, no name stays none", async () => {
  for (const names of [["v1"], []]) {
    await using folder = await temporaryFolder();
    await writeOciLayout([newImage([newLayer(lower)], names)], join(folder.path, "layout"));
    assert.deepEqual((await readLayout(join(folder.path, "layout")))[0]?.names, names);
  }
});

test("a folder that is not empty is refused and left alone", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "mine"), "x");
  await assert.rejects(writeOciLayout([newImage([newLayer(lower)], [])], folder.path), {
    code: "invalid-request",
  });
  assert.deepEqual(await readdir(folder.path), ["mine"]);
  await mkdir(join(folder.path, "empty"));
  await writeOciLayout([newImage([newLayer(lower)], [])], join(folder.path, "empty"));
  assert.equal((await readLayout(join(folder.path, "empty"))).length, 1);
});

test("after an error nothing is left behind", async () => {
  const failing: OutputLayer = {
    ...newLayer(lower),
    writeTo: () => Promise.reject(new Error("no more data")),
  };
  const wrong = await kept(lower, gzipSync(lower), { digest: digestOf(upper) });
  const cases: [OutputImage, AbortSignal | undefined, RegExp][] = [
    [newImage([newLayer(lower), failing], []), undefined, /no more data/],
    [newImage([newLayer(lower, 512)], []), undefined, /announced/],
    [newImage([newLayer(lower, 51_200)], []), undefined, /announced/],
    [newImage([wrong], []), undefined, /expected sha256/],
    [
      newImage([await kept(lower, gzipSync(lower))], []),
      AbortSignal.abort(new Error("stop")),
      /stop/,
    ],
  ];
  for (const [image, signal, message] of cases) {
    await using folder = await temporaryFolder();
    const options = { signal, tmpDir: folder.path };
    await assert.rejects(writeOciLayout([image], join(folder.path, "layout"), options), message);
    await assert.rejects(writeOciArchive([image], new Collector().sink, options), message);
    assert.deepEqual(await readdir(folder.path), []);
    assert.deepEqual(openFilesBelow(folder.path), []);
  }
});

test("a blob that two images share is written once", async () => {
  const collector = new Collector();
  const gzip = gzipSync(lower);
  const images = [
    newImage([await kept(lower, gzip)], ["a:1"]),
    newImage([await kept(lower, gzip), newLayer(upper)], ["b:1"]),
  ];
  await writeOciArchive([...images, newImage([newLayer(upper)], ["c:1"])], collector.sink);
  const names = [...(await TarDirectory.read(memorySource(collector.bytes))).names()];
  assert.equal(names.filter((name) => name === blobFile(digestOf(gzip))).length, 1);
  assert.deepEqual([names[0], names.at(-1)], ["oci-layout", "index.json"]);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield collector.bytes;
  }
  await using source = await openImageStream(chunks());
  assert.equal(source.images.length, 3);
});
