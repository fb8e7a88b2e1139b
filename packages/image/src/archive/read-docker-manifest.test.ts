import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { digestOf, hexOf } from "../document/digest.ts";
import type { Image, ImageSource } from "../image.ts";
import { measureLayer } from "../testing/kept-layer.ts";
import { openImagePath } from "../open-image.ts";
import {
  configOf,
  dockerFiles,
  json,
  symlink,
  tarOf,
  tarOfFiles,
  v1Id,
  writeFiles,
} from "../testing/made-archive.ts";
import type { Files } from "../testing/made-archive.ts";

const lower = tarOfFiles({ "etc/os-release": "one" });
const upper = tarOfFiles({ "etc/hostname": "two" });

async function open(bytes: Uint8Array): Promise<ImageSource> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-docker-"));
  await writeFile(join(folder.path, "image.tar"), bytes);
  return await openImagePath(join(folder.path, "image.tar"));
}

/** The only image of an archive; every layer is read and verified. */
async function readOnly(files: Files): Promise<Image> {
  await using source = await open(tarOfFiles(files));
  assert.equal(source.images.length, 1);
  const [image] = source.images;
  assert.ok(image);
  for (const layer of image.layers) await measureLayer(layer);
  return image;
}

test("an archive of docker save up to 24 is read", async () => {
  const config = configOf([lower, upper], { variant: "v2" });
  const image = await readOnly(
    dockerFiles([lower, upper], ["docker.io/library/app:1", "app:2"], config),
  );
  assert.deepEqual(image.names, ["app:1", "app:2"]);
  assert.deepEqual(image.platform, { os: "linux", architecture: "amd64", variant: "v2" });
  assert.equal(image.configDigest, digestOf(config));
  assert.equal(image.manifestDigest, undefined);
  assert.ok(config.equals(image.config));
  assert.deepEqual(
    image.layers.map(({ diffId, v1Id: id, digest }) => [diffId, id, digest]),
    [
      [digestOf(lower), v1Id(0), undefined],
      [digestOf(upper), v1Id(1), undefined],
    ],
  );
});

test("compressed layers are told by content", async () => {
  const config = configOf([lower, upper, lower]);
  const image = await readOnly(
    dockerFiles([lower, gzipSync(upper), zstdCompressSync(lower)], null, config),
  );
  assert.deepEqual(
    image.layers.map(({ mediaType }) =>
      mediaType.slice("application/vnd.docker.image.rootfs.diff.".length),
    ),
    ["tar", "tar.gzip", "tar.zstd"],
  );
});

test("symbolic links of docker save lead to equal layers", async () => {
  const config = configOf([lower, lower]);
  const paths = [`${v1Id(0)}/layer.tar`, `${v1Id(1)}/layer.tar`] as const;
  const name = `${hexOf(digestOf(config))}.json`;
  const archive = tarOf([
    { name: paths[0], data: lower },
    symlink(paths[1], `../${paths[0]}`),
    { name, data: config },
    { name: "manifest.json", data: json([{ Config: name, RepoTags: null, Layers: paths }]) },
  ]);
  await using source = await open(archive);
  const [image] = source.images;
  assert.ok(image);
  assert.deepEqual(image.names, []);
  for (const layer of image.layers)
    assert.equal((await measureLayer(layer)).diffId, digestOf(lower));
});

test("several images with several names are read", async () => {
  const one = dockerFiles([lower], ["one:1"]);
  const two = dockerFiles([lower, upper], ["two:1", "two:latest"]);
  const entries = [one, two].flatMap(
    (files) => JSON.parse(String(files["manifest.json"])) as unknown[],
  ); // made by us
  await using source = await open(tarOfFiles({ ...one, ...two, "manifest.json": json(entries) }));
  assert.deepEqual(
    source.images.map(({ names }) => names),
    [["one:1"], ["two:1", "two:latest"]],
  );
});

test("an unpacked archive is read", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-docker-"));
  await writeFiles(folder.path, dockerFiles([lower], ["a:1"]));
  await using source = await openImagePath(folder.path);
  assert.deepEqual(source.images[0]?.names, ["a:1"]);
});

test("names in manifest.json stay inside the archive", async () => {
  const config = configOf([lower]);
  const files = { "config.json": config, "l/layer": lower };
  const manifest = json([
    { Config: "../../config.json", RepoTags: null, Layers: ["/x/../l/layer"] },
  ]);
  const image = await readOnly({ ...files, "manifest.json": manifest });
  assert.equal(image.layers[0]?.blob.size, lower.length);
});

test("another number of layers than of diffIDs is refused", async () => {
  const files = dockerFiles([lower], ["a:1"], configOf([lower, upper]));
  await assert.rejects(readOnly(files), {
    code: "damaged",
    message: /1 layers, its config names 2 diffIDs/,
  });
});

test("a history that does not match the layers is no fault", async () => {
  const config = configOf([lower], { history: [{}, {}, { empty_layer: true }] });
  assert.equal((await readOnly(dockerFiles([lower], ["a:1"], config))).layers.length, 1);
});

test("a config that does not have the digest in its name is refused", async () => {
  const name = `${"0".repeat(64)}.json`;
  const manifest = json([{ Config: name, RepoTags: null, Layers: ["l"] }]);
  const files = { l: lower, [name]: configOf([lower]), "manifest.json": manifest };
  await assert.rejects(readOnly(files), { code: "damaged", message: /expected sha256:000/ });
});

test("a layer whose bytes are not those of its diffID is refused when it is read", async () => {
  await assert.rejects(readOnly(dockerFiles([upper], ["a:1"], configOf([lower]))), {
    code: "damaged",
    message: /diffID/,
  });
});

test("a missing layer is no fault until it is read", async () => {
  const { [`${v1Id(0)}/layer.tar`]: _, ...files } = dockerFiles([lower], ["a:1"]);
  await assert.rejects(readOnly(files), {
    code: "damaged",
    place: { layer: 1 },
    message: /missing from the archive/,
  });
  await using source = await open(tarOfFiles(files));
  assert.equal(source.images.length, 1);
});

test("a missing foreign layer is refused with its URLs", async () => {
  const { [`${v1Id(0)}/layer.tar`]: _, ...files } = dockerFiles([lower], ["a:1"]);
  const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  const [entry] = JSON.parse(String(files["manifest.json"])) as [object]; // made by us
  const sources = {
    [digestOf(lower)]: {
      mediaType,
      size: 77,
      digest: digestOf(upper),
      urls: ["https://example.com/l"],
    },
  };
  const manifest = json([{ ...entry, LayerSources: sources }]);
  await assert.rejects(readOnly({ ...files, "manifest.json": manifest }), {
    code: "unsupported",
    message: /foreign layer .*https:\/\/example.com\/l/,
  });
});

test("Windows images are refused, others in the archive are not", async () => {
  const windows = dockerFiles([upper], ["win:1"], configOf([upper], { os: "windows" }));
  await assert.rejects(readOnly(windows), { code: "unsupported", message: /Windows/ });
  const linux = dockerFiles([lower], ["lin:1"]);
  const entries = [windows, linux].flatMap(
    (files) => JSON.parse(String(files["manifest.json"])) as unknown[],
  ); // made by us
  const image = await readOnly({ ...windows, ...linux, "manifest.json": json(entries) });
  assert.deepEqual(image.names, ["lin:1"]);
});

test("wrong manifests are refused", async () => {
  const files = dockerFiles([lower], ["a:1"]);
  const [entry] = JSON.parse(String(files["manifest.json"])) as [object]; // made by us
  for (const manifest of [
    [null],
    [{ ...entry, Config: 1 }],
    [{ ...entry, Config: "missing" }],
    [{ ...entry, Layers: "layer.tar" }],
    [{ ...entry, RepoTags: [1] }],
    [{ ...entry, LayerSources: [] }],
  ]) {
    await assert.rejects(
      readOnly({ ...files, "manifest.json": json(manifest) }),
      { code: "damaged" },
      JSON.stringify(manifest),
    );
  }
  await assert.rejects(readOnly({ ...files, "manifest.json": json([]) }), { code: "not-found" });
  await assert.rejects(readOnly({ ...files, "manifest.json": json({ schemaVersion: 2 }) }), {
    code: "unsupported",
  });
});
