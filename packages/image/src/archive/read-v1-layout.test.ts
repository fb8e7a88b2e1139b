import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { digestOf } from "../document/digest.ts";
import type { ImageSource } from "../image.ts";
import { measureLayer } from "../testing/kept-layer.ts";
import { openImagePath } from "../open-image.ts";
import { json, tarOfFiles, v1Id } from "../testing/made-archive.ts";
import type { Files } from "../testing/made-archive.ts";

const base = tarOfFiles({ "bin/sh": "shell" });
const top = tarOfFiles({ app: "app" });

/** A layer folder as Docker 1.6 writes it. */
function layerFolder(
  index: number,
  layer: Uint8Array,
  fields: Readonly<Record<string, unknown>> = {},
): Files {
  const parent = index === 0 ? {} : { parent: v1Id(index - 1) };
  const created = `2015-0${index + 1}-01T00:00:00Z`;
  const document = { id: v1Id(index), ...parent, created, Size: layer.length, ...fields };
  return {
    [`${v1Id(index)}/VERSION`]: "1.0",
    [`${v1Id(index)}/json`]: json(document),
    [`${v1Id(index)}/layer.tar`]: layer,
  };
}

const config = { Cmd: ["/app"], Env: ["A=b"] };
const commands = [
  ["/bin/sh", "-c", "#(nop) ADD file:1 in /"],
  ["/bin/sh", "-c", "make app"],
] as const;
const folders = {
  ...layerFolder(0, base, { container_config: { Cmd: commands[0] } }),
  ...layerFolder(1, top, {
    container_config: { Cmd: commands[1] },
    config,
    author: "me",
    architecture: "arm64",
    os: "linux",
    docker_version: "1.6.2",
    comment: "",
  }),
};

async function open(files: Files): Promise<ImageSource> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-v1-"));
  await writeFile(join(folder.path, "image.tar"), tarOfFiles(files));
  return await openImagePath(join(folder.path, "image.tar"));
}

test("an archive of Docker 1.6 is read, its config made from the layers", async () => {
  const repositories = json({
    app: { "1": v1Id(1), latest: v1Id(1) },
    "example.com/base": { "2": v1Id(0) },
  });
  await using source = await open({ ...folders, repositories });
  assert.deepEqual(
    source.images.map(({ names, layers }) => [names, layers.length]),
    [
      [["app:1", "app:latest"], 2],
      [["example.com/base:2"], 1],
    ],
  );
  const [image] = source.images;
  assert.ok(image);
  assert.deepEqual(JSON.parse(Buffer.from(image.config).toString()), {
    architecture: "arm64",
    os: "linux",
    created: "2015-02-01T00:00:00Z",
    container_config: { Cmd: commands[1] },
    config,
    author: "me",
    docker_version: "1.6.2",
    comment: "",
    history: [
      { created: "2015-01-01T00:00:00Z", created_by: commands[0].join(" ") },
      { created: "2015-02-01T00:00:00Z", author: "me", created_by: commands[1].join(" ") },
    ],
    rootfs: { type: "layers", diff_ids: [] },
  });
  assert.equal(image.configDigest, digestOf(image.config));
  assert.deepEqual(image.platform, { os: "linux", architecture: "arm64" });
  assert.deepEqual(
    image.layers.map(({ diffId, digest, v1Id: id }) => [diffId, digest, id]),
    [
      [undefined, undefined, v1Id(0)],
      [undefined, undefined, v1Id(1)],
    ],
  );
  const contents = await Promise.all(image.layers.map((layer) => measureLayer(layer)));
  assert.deepEqual(
    contents.map(({ diffId }) => diffId),
    [digestOf(base), digestOf(top)],
  );
});

test("without a repositories file the layers that are no parent are images", async () => {
  await using source = await open(folders);
  assert.deepEqual(
    source.images.map(({ names, layers }) => [names, layers.length]),
    [[[], 2]],
  );
});

test("a chain of parents that has a gap or goes in a circle is refused", async () => {
  const repositories = json({ app: { "1": v1Id(1) } });
  const { [`${v1Id(0)}/json`]: _, ...gap } = folders;
  await assert.rejects(open({ ...gap, repositories }), { code: "damaged", message: /missing/ });
  const circle = { ...folders, ...layerFolder(0, base, { parent: v1Id(1) }), repositories };
  await assert.rejects(open(circle), { code: "damaged", message: /circle/ });
});

test("wrong documents are refused", async () => {
  const repositories = json({ app: { "1": v1Id(1) } });
  for (const fields of [
    { parent: 1 },
    { created: {} },
    { container_config: [] },
    { architecture: 5 },
  ]) {
    await assert.rejects(open({ ...folders, ...layerFolder(1, top, fields), repositories }), {
      code: "damaged",
    });
  }
  await assert.rejects(open({ ...folders, repositories: json({ app: "x" }) }), { code: "damaged" });
  await assert.rejects(open({ ...folders, ...layerFolder(1, top, { os: "windows" }) }), {
    code: "unsupported",
  });
});
