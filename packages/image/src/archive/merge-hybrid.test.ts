import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { digestOf } from "../document/digest.ts";
import type { Image } from "../image.ts";
import { measureLayer } from "../testing/kept-layer.ts";
import { MediaType } from "../document/media-types.ts";
import { openImagePath } from "../open-image.ts";
import { blobFile } from "./blob-file.ts";
import {
  blobOf,
  configOf,
  json,
  layoutFiles,
  manifestOf,
  tarOfFiles,
} from "../testing/made-archive.ts";
import type { Files, MadeBlob } from "../testing/made-archive.ts";

const layer = tarOfFiles({ file: "data" });
const other = tarOfFiles({ file: "other" });

/** An archive of Docker 25 and newer: the same blobs in `index.json` and in `manifest.json`. */
async function imagesOf(files: Files): Promise<readonly Image[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-hybrid-"));
  await writeFile(join(folder.path, "image.tar"), tarOfFiles(files));
  await using source = await openImagePath(join(folder.path, "image.tar"));
  for (const image of source.images) for (const each of image.layers) await measureLayer(each);
  return source.images;
}

function dockerEntry(
  config: Uint8Array,
  layers: readonly Uint8Array[],
  tags: readonly string[] | null,
): object {
  return {
    Config: blobFile(digestOf(config)),
    RepoTags: tags,
    Layers: layers.map((each) => blobFile(digestOf(each))),
  };
}

function named(blobs: readonly MadeBlob[], name: string, tag: string): object {
  const annotations = {
    "io.containerd.image.name": name,
    "org.opencontainers.image.ref.name": tag,
  };
  return { ...blobs.at(-1)?.descriptor, annotations };
}

test("an image told twice is one image with each name once", async () => {
  const config = configOf([layer]);
  const blobs = manifestOf([blobOf(layer, MediaType.ociLayer)], config);
  const files = layoutFiles(blobs, [
    named(blobs, "docker.io/library/app:1", "1"),
    named(blobs, "docker.io/library/app:latest", "latest"),
  ]);
  const manifest = json([dockerEntry(config, [layer], ["app:1", "app:latest", "app:3"])]);
  const repositories = json({ app: { "1": "0".repeat(64) } });
  const [image, ...more] = await imagesOf({ ...files, "manifest.json": manifest, repositories });
  assert.equal(more.length, 0);
  assert.deepEqual(image?.names, ["app:1", "app:latest", "app:3"]);
  assert.equal(image?.manifestDigest, blobs.at(-1)?.descriptor.digest);
  assert.deepEqual(image?.layers[0]?.mediaType, MediaType.ociLayer);
  assert.equal(image?.layers[0]?.digest, digestOf(layer));
});

test("an untagged image that only manifest.json lists is read, too", async () => {
  const blobs = manifestOf([blobOf(layer, MediaType.ociLayer)], configOf([layer]));
  const config = configOf([other]);
  const files = layoutFiles(
    [...blobs, blobOf(config, ""), blobOf(other, "")],
    [named(blobs, "docker.io/library/app:1", "1")],
  );
  const entries = [
    dockerEntry(configOf([layer]), [layer], ["app:1"]),
    dockerEntry(config, [other], null),
  ];
  const images = await imagesOf({ ...files, "manifest.json": json(entries) });
  assert.deepEqual(
    images.map(({ names, configDigest }) => [names, configDigest]),
    [
      [["app:1"], digestOf(configOf([layer]))],
      [[], digestOf(config)],
    ],
  );
});

test("a layer whose descriptor names a blob that is not there is found by manifest.json", async () => {
  const config = configOf([layer]);
  const absent = blobOf(gzipSync(layer), `${MediaType.ociLayer}+gzip`);
  const blobs = manifestOf([absent], config).slice(1);
  const files = layoutFiles(
    [...blobs, blobOf(layer, "")],
    [named(blobs, "docker.io/library/app:1", "1")],
  );
  const images = await imagesOf({
    ...files,
    "manifest.json": json([dockerEntry(config, [layer], ["app:1"])]),
  });
  assert.equal(images.length, 1);
  assert.equal(images[0]?.layers[0]?.digest, digestOf(layer));
});
