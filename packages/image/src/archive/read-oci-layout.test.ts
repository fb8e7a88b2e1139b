import assert from "node:assert/strict";
import { mkdtempDisposable, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { digestOf } from "../document/digest.ts";
import type { Image, ImageSource } from "../image.ts";
import { measureLayer } from "../testing/kept-layer.ts";
import { MediaType } from "../document/media-types.ts";
import { openImagePath } from "../open-image.ts";
import { formatPlatform } from "../document/platform.ts";
import { blobFile } from "./blob-file.ts";
import {
  blobOf,
  configOf,
  indexOf,
  json,
  layoutFiles,
  manifestOf,
  simpleLayout,
  tarOfFiles,
  writeFiles,
} from "../testing/made-archive.ts";
import type { Files, MadeBlob } from "../testing/made-archive.ts";

const lower = tarOfFiles({ "etc/os-release": "one" });
const upper = tarOfFiles({ "etc/hostname": "two" });
const REF_NAME = "org.opencontainers.image.ref.name";

async function open(files: Files): Promise<ImageSource> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-oci-"));
  await writeFile(join(folder.path, "image.tar"), tarOfFiles(files));
  return await openImagePath(join(folder.path, "image.tar"));
}

/** The only image of a layout; every layer is read and verified. */
async function readOnly(files: Files): Promise<Image> {
  await using source = await open(files);
  assert.equal(source.images.length, 1);
  const [image] = source.images;
  assert.ok(image);
  for (const layer of image.layers) await measureLayer(layer);
  return image;
}

/** An image of one layer for a platform: its blobs, the last one is the manifest. */
function imageFor(
  architecture: string,
  fields: Readonly<Record<string, unknown>> = {},
): MadeBlob[] {
  return manifestOf(
    [blobOf(lower, MediaType.ociLayer)],
    configOf([lower], { architecture }),
    fields,
  );
}

function descriptorOf(
  blobs: readonly MadeBlob[],
  fields: Readonly<Record<string, unknown>> = {},
): object {
  return { ...blobs.at(-1)?.descriptor, ...fields };
}

test("a layout is read as folder and as tar", async () => {
  const gzip = gzipSync(upper);
  const config = configOf([lower, upper]);
  const layers = [
    blobOf(lower, MediaType.ociLayer),
    blobOf(gzip, `${MediaType.dockerLayer}.gzip`, { annotations: { layer: "note" } }),
  ];
  const blobs = manifestOf(layers, config, { annotations: { image: "note" } });
  const files = layoutFiles(blobs, [descriptorOf(blobs, { annotations: { [REF_NAME]: "v1" } })]);
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-oci-"));
  await using fromFolder = await openImagePath(await writeFiles(folder.path, files));
  for (const image of [await readOnly(files), fromFolder.images[0]]) {
    assert.ok(image);
    assert.deepEqual(image.names, ["v1"]);
    assert.equal(image.configDigest, digestOf(config));
    assert.equal(image.manifestDigest, blobs.at(-1)?.descriptor.digest);
    assert.deepEqual(image.annotations, { image: "note" });
    assert.deepEqual(
      image.layers.map(({ digest, mediaType, diffId, annotations }) => [
        digest,
        mediaType,
        diffId,
        annotations,
      ]),
      [
        [digestOf(lower), MediaType.ociLayer, digestOf(lower), undefined],
        [digestOf(gzip), `${MediaType.dockerLayer}.gzip`, digestOf(upper), { layer: "note" }],
      ],
    );
  }
  for (const layer of fromFolder.images[0]?.layers ?? []) await measureLayer(layer);
});

test("an image under several names is one image", async () => {
  const blobs = imageFor("amd64");
  const named = (annotations: object): object => descriptorOf(blobs, { annotations });
  const image = await readOnly(
    layoutFiles(blobs, [
      named({ [REF_NAME]: "1" }),
      named({ "io.containerd.image.name": "docker.io/library/app:2", [REF_NAME]: "2" }),
      named({ [REF_NAME]: "1" }),
      named({}),
    ]),
  );
  assert.deepEqual(image.names, ["1", "app:2"]);
});

test("nested indexes, platforms and attestations", async () => {
  const amd = imageFor("amd64");
  const arm = imageFor("arm64");
  const index = blobOf(
    indexOf([
      descriptorOf(amd, { platform: { os: "linux", architecture: "amd64" } }),
      descriptorOf(arm, { platform: { os: "linux", architecture: "arm64", variant: "v8" } }),
      {
        ...blobOf(lower, MediaType.ociManifest).descriptor,
        platform: { os: "unknown", architecture: "unknown" },
      },
    ]),
    MediaType.ociIndex,
  );
  const outer = blobOf(indexOf([index.descriptor]), MediaType.ociIndex);
  const top = { ...outer.descriptor, annotations: { [REF_NAME]: "multi:1" } };
  await using source = await open(layoutFiles([...amd, ...arm, index, outer], [top]));
  assert.deepEqual(
    source.images.map(({ names, platform }) => [names, formatPlatform(platform)]),
    [
      [["multi:1"], "linux/amd64"],
      [["multi:1"], "linux/arm64/v8"],
    ],
  );
});

test("platforms that were not saved are left out", async () => {
  const amd = imageFor("amd64");
  const arm = imageFor("arm64");
  assert.equal(
    (await readOnly(layoutFiles(amd, [descriptorOf(arm), descriptorOf(amd)]))).platform
      .architecture,
    "amd64",
  );
  await assert.rejects(readOnly(layoutFiles([], [descriptorOf(arm)])), {
    code: "damaged",
    message: /missing/,
  });
});

test("indexes nested too deep are refused", async () => {
  let blob = imageFor("amd64").at(-1);
  assert.ok(blob);
  const blobs = [...imageFor("amd64")];
  for (let depth = 0; depth < 10; depth++) {
    blob = blobOf(indexOf([blob.descriptor]), MediaType.ociIndex);
    blobs.push(blob);
  }
  await assert.rejects(open(layoutFiles(blobs, [blob.descriptor])), { code: "limit" });
});

test("indexes that list each other over and over are refused", async () => {
  const blobs = [...imageFor("amd64")];
  let blob = blobs.at(-1);
  for (let depth = 0; depth < 6; depth++) {
    assert.ok(blob);
    blob = blobOf(indexOf(repeated(blob.descriptor, 20)), MediaType.ociIndex);
    blobs.push(blob);
  }
  await assert.rejects(open(layoutFiles(blobs, [blob?.descriptor])), { code: "limit" });
});

function repeated(value: unknown, times: number): unknown[] {
  return Array.from({ length: times }, () => value);
}

test("the version of the layout is checked", async () => {
  const files = simpleLayout([lower], "a");
  for (const version of ["2.0.0", "", "1"]) {
    const changed = { ...files, "oci-layout": json({ imageLayoutVersion: version }) };
    await assert.rejects(open(changed), { code: "unsupported" }, version);
  }
  await assert.rejects(open({ ...files, "oci-layout": "{}" }), { code: "damaged" });
});

test("manifests and configs that do not have their digest or size are refused", async () => {
  const blobs = imageFor("amd64");
  const files = layoutFiles(blobs, [descriptorOf(blobs)]);
  for (const blob of blobs.slice(1)) {
    const name = blobFile(blob.descriptor.digest);
    const changed = Buffer.from(blob.bytes);
    changed[changed.length - 2] = 0x20;
    await assert.rejects(open({ ...files, [name]: changed }), {
      code: "damaged",
      message: /digest/,
    });
    const longer = Buffer.concat([blob.bytes, Buffer.from(" ")]);
    await assert.rejects(open({ ...files, [name]: longer }), { code: "damaged", message: /bytes/ });
  }
});

test("a layer of another length than its descriptor says is refused", async () => {
  const files = { ...simpleLayout([lower], "a"), [blobFile(digestOf(lower))]: lower.subarray(512) };
  await assert.rejects(open(files), { code: "damaged", place: { layer: 1 } });
});

test("another number of layers than of diffIDs is refused", async () => {
  await assert.rejects(open(simpleLayout([lower], "a", configOf([lower, upper]))), {
    code: "damaged",
    message: /diffIDs/,
  });
});

test("foreign layers are used when they are there, else refused with their URLs", async () => {
  const foreign = blobOf(lower, MediaType.dockerForeignLayer, {
    urls: ["https://example.com/layer"],
  });
  const blobs = manifestOf([foreign], configOf([lower]));
  await readOnly(layoutFiles(blobs, [descriptorOf(blobs)]));
  await assert.rejects(readOnly(layoutFiles(blobs.slice(1), [descriptorOf(blobs)])), {
    code: "unsupported",
    place: { layer: 1 },
    message: /sha256:.*https:\/\/example\.com\/layer/,
  });
  await using source = await open(layoutFiles(blobs.slice(1), [descriptorOf(blobs)]));
  assert.equal(source.images[0]?.layers[0]?.blob.size, lower.length);
});

test("what is no image for Linux is refused in clear words", async () => {
  const encrypted = manifestOf(
    [blobOf(lower, `${MediaType.ociLayer}+gzip+encrypted`)],
    configOf([lower]),
  );
  const chart = manifestOf(
    [blobOf(lower, "application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
    configOf([lower]),
  );
  const windows = manifestOf(
    [blobOf(lower, MediaType.ociLayer)],
    configOf([lower], { os: "windows" }),
  );
  const schema1 = [blobOf(json({ schemaVersion: 1, fsLayers: [] }), "")];
  const cases = { encrypted, "no container image": chart, Windows: windows, "schema 1": schema1 };
  for (const [words, blobs] of Object.entries(cases)) {
    await assert.rejects(open(layoutFiles(blobs, [descriptorOf(blobs)])), {
      code: "unsupported",
      message: new RegExp(words),
    });
    const amd = imageFor("amd64");
    await readOnly(layoutFiles([...blobs, ...amd], [descriptorOf(blobs), descriptorOf(amd)]));
  }
});

test("an empty layout holds no image", async () => {
  await assert.rejects(open(layoutFiles([], [])), { code: "not-found" });
});

test("blobs of a folder may be links to elsewhere, other files may not", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-oci-"));
  const outside = join(folder.path, "outside");
  const layout = join(folder.path, "layout");
  const files = simpleLayout([lower], "a");
  const { [blobFile(digestOf(lower))]: _layer, "index.json": _index, ...rest } = files;
  await writeFiles(outside, files);
  await writeFiles(layout, rest);
  await symlink(join(outside, blobFile(digestOf(lower))), join(layout, blobFile(digestOf(lower))));
  await symlink(join(outside, "index.json"), join(layout, "index.json"));
  await assert.rejects(openImagePath(layout), { code: "damaged", message: /outside/ });
  await writeFiles(join(folder.path, "second"), {
    ...rest,
    "index.json": files["index.json"] ?? "",
  });
  await symlink(
    join(outside, blobFile(digestOf(lower))),
    join(folder.path, "second", blobFile(digestOf(lower))),
  );
  await using source = await openImagePath(join(folder.path, "second"));
  for (const layer of source.images[0]?.layers ?? []) await measureLayer(layer);
});
