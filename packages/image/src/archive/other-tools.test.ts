import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import type { TestContext } from "node:test";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

import { digestOf } from "../document/digest.ts";
import type { Image } from "../image.ts";
import { measureLayer } from "../testing/kept-layer.ts";
import { openImagePath } from "../open-image.ts";
import {
  keepImage,
  newImage,
  newLayer,
  tarOf,
  writeFiles,
  writeInto,
} from "../testing/made-archive.ts";
import { writeDockerArchive } from "./write-docker-archive.ts";
import { writeOciArchive, writeOciLayout } from "./write-oci-layout.ts";

/** Folders in the layers, because umoci unpacks them as they are. */
const lower = tarOf([
  { name: "etc/", type: 0x35 },
  { name: "etc/os-release", data: "one".repeat(2000) },
]);
const upper = tarOf([
  { name: "etc/", type: 0x35 },
  { name: "etc/hostname", data: "two" },
]);
const diffIds = [digestOf(lower), digestOf(upper)];

let folder: AsyncDisposable & { path: string };
/** Written by us: what the tools start from. */
let archive: string;

before(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), "wharf-tools-"));
  archive = at("ours.tar");
  const images = [
    newImage([newLayer(lower), newLayer(upper)], ["localhost/app:1", "localhost/app:2"]),
    newImage([newLayer(upper)], ["localhost/other:1"]),
  ];
  await writeInto(archive, (sink) => writeDockerArchive(images, sink));
});

after(async () => {
  await folder[Symbol.asyncDispose]();
});

function at(name: string): string {
  return join(folder.path, name);
}

function isInstalled(tool: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((path) => existsSync(join(path, tool)));
}

/** Skips the test where a tool is missing. */
function lacks(t: TestContext, tool: string): boolean {
  const missing = !isInstalled(tool);
  if (missing) t.skip(`${tool} is not installed`);
  return missing;
}

async function run(tool: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(tool, args);
  return stdout.trim();
}

/** The storage of podman and buildah for these tests alone. */
function storageOptions(): string[] {
  return ["--root", at("storage"), "--runroot", at("storage-run"), "--storage-driver", "vfs"];
}

/** The images of an archive; every layer is read and verified. */
async function read(path: string): Promise<readonly Image[]> {
  await using source = await openImagePath(path);
  for (const image of source.images) for (const layer of image.layers) await measureLayer(layer);
  return source.images;
}

async function assertIsApp(
  path: string,
  names: readonly string[],
  mediaType: RegExp,
): Promise<void> {
  const images = await read(path);
  assert.equal(images.length, 1);
  assert.deepEqual(images[0]?.names, names);
  assert.deepEqual(
    images[0]?.layers.map(({ diffId }) => diffId),
    diffIds,
  );
  for (const layer of images[0]?.layers ?? []) assert.match(layer.mediaType, mediaType);
}

test("skopeo reads a docker-archive of ours, and what it makes of it is read", async (t) => {
  if (lacks(t, "skopeo")) return;
  const source = `docker-archive:${archive}:localhost/app:1`;
  await run("skopeo", ["copy", source, `docker-archive:${at("skopeo.tar")}:example.com/app:3`]);
  await assertIsApp(at("skopeo.tar"), ["example.com/app:3"], /docker.*tar$/);
  await run("skopeo", ["copy", source, `oci:${at("skopeo-oci")}:v1`]);
  await assertIsApp(at("skopeo-oci"), ["v1"], /oci.*gzip$/);
  await run("skopeo", [
    "copy",
    "--dest-compress-format",
    "zstd",
    source,
    `oci-archive:${at("zstd.tar")}:v1`,
  ]);
  await assertIsApp(at("zstd.tar"), ["v1"], /oci.*zstd$/);
  await run("skopeo", ["copy", source, `dir:${at("dir")}`]);
  await assert.rejects(read(at("dir")), { code: "unsupported", hint: /skopeo copy/ });
  await run("skopeo", ["copy", `dir:${at("dir")}`, `oci:${at("from-dir")}:v2`]);
  await assertIsApp(at("from-dir"), ["v2"], /oci.*gzip$/);
});

test("a layout with several names made by skopeo is read", async (t) => {
  if (lacks(t, "skopeo")) return;
  for (const tag of ["localhost/app:1", "localhost/other:1"]) {
    await run("skopeo", [
      "copy",
      `docker-archive:${archive}:${tag}`,
      `oci:${at("several")}:${tag}`,
    ]);
  }
  assert.deepEqual(
    (await read(at("several"))).map(({ names }) => names),
    [["localhost/app:1"], ["localhost/other:1"]],
  );
});

test("podman loads a docker-archive of ours, and what it saves is read", async (t) => {
  if (lacks(t, "podman")) return;
  const podman = (...args: string[]): Promise<string> =>
    run("podman", [...storageOptions(), ...args]);
  await podman("load", "--input", archive);
  const listed = await podman("images", "--format", "{{.Repository}}:{{.Tag}}");
  assert.deepEqual(listed.split("\n").toSorted(), [
    "localhost/app:1",
    "localhost/app:2",
    "localhost/other:1",
  ]);
  await podman(
    "save",
    "--multi-image-archive",
    "--output",
    at("multi.tar"),
    "localhost/app:1",
    "localhost/other:1",
  );
  const images = await read(at("multi.tar"));
  assert.deepEqual(
    images.map(({ layers }) => layers.map(({ diffId }) => diffId)),
    [diffIds, diffIds.slice(1)],
  );
  for (const [format, mediaType] of [
    ["docker-archive", /docker.*tar$/],
    ["oci-archive", /oci.*tar/],
    ["oci-dir", /oci.*tar/],
  ] as const) {
    const path = at(`podman-${format}`);
    await podman("save", "--format", format, "--output", path, "localhost/app:1");
    await assertIsApp(path, ["localhost/app:1"], mediaType);
  }
});

test("podman loads an OCI archive of ours under its name", async (t) => {
  if (lacks(t, "podman")) return;
  const image = newImage([newLayer(lower)], ["localhost/from-oci:7"]);
  await writeInto(at("from-oci.tar"), (sink) =>
    writeOciArchive([image], sink, { tmpDir: folder.path }),
  );
  const loaded = await run("podman", [...storageOptions(), "load", "--input", at("from-oci.tar")]);
  assert.match(loaded, /localhost\/from-oci:7/);
});

test("images that buildah makes are read and written again", async (t) => {
  if (lacks(t, "buildah") || lacks(t, "skopeo")) return;
  const buildah = (...args: string[]): Promise<string> =>
    run("buildah", [...storageOptions(), ...args]);
  await writeFiles(at("context"), { "hello.txt": "hello", "below/again.txt": "again" });
  const container = await buildah("from", "scratch");
  await buildah("copy", container, at("context"), "/data");
  await buildah("config", "--env", "A=b", "--cmd", "/data/hello.txt", container);
  await buildah("commit", "--quiet", container, "localhost/built:1");
  await buildah(
    "push",
    "--quiet",
    "localhost/built:1",
    `docker-archive:${at("built.tar")}:localhost/built:1`,
  );
  await buildah("push", "--quiet", "localhost/built:1", `oci:${at("built")}:localhost/built:1`);
  for (const path of [at("built.tar"), at("built")]) {
    await using source = await openImagePath(path);
    const [image] = source.images;
    assert.deepEqual(image?.names, ["localhost/built:1"]);
    assert.ok(image);
    await writeInto(at("again.tar"), async (sink) =>
      writeDockerArchive([await keepImage(image)], sink),
    );
    const described = JSON.parse(
      await run("skopeo", ["inspect", "--config", `docker-archive:${at("again.tar")}`]),
    ) as unknown; // compared only
    assert.deepEqual(described, JSON.parse(Buffer.from(image.config).toString()));
  }
});

test("skopeo and umoci read a layout of ours", async (t) => {
  if (lacks(t, "skopeo") || lacks(t, "umoci")) return;
  const image = newImage([newLayer(lower), newLayer(upper)], ["localhost/app:1"]);
  for (const kind of ["gzip", "none"] as const) {
    const path = at(`layout-${kind}`);
    await writeOciLayout([image], path, {
      compression: kind === "none" ? { kind } : { kind, level: 6 },
    });
    assert.equal(await run("umoci", ["ls", "--layout", path]), "1");
    await run("skopeo", ["copy", `oci:${path}:1`, `docker-archive:${at(`umoci-${kind}.tar`)}:a:1`]);
    await assertIsApp(at(`umoci-${kind}.tar`), ["a:1"], /tar$/);
    await run("umoci", ["unpack", "--rootless", "--image", `${path}:1`, at(`bundle-${kind}`)]);
    assert.deepEqual((await readdir(at(`bundle-${kind}/rootfs/etc`))).toSorted(), [
      "hostname",
      "os-release",
    ]);
  }
  const zstd = at("layout-zstd");
  await writeOciLayout([image], zstd, { compression: { kind: "zstd", level: 3 } });
  await run("skopeo", ["copy", `oci:${zstd}:1`, `oci:${at("from-zstd")}:v1`]);
  await assertIsApp(at("from-zstd"), ["v1"], /zstd$/);
});

test("a multi-platform layout of ours is read by skopeo", async (t) => {
  if (lacks(t, "skopeo")) return;
  const arm = { os: "linux", architecture: "arm64" };
  const images = [
    newImage([newLayer(lower)], ["app:1"]),
    newImage([newLayer(upper)], ["app:1"], arm),
  ];
  await writeOciLayout(images, at("platforms"));
  for (const [architecture, layer] of [
    ["amd64", lower],
    ["arm64", upper],
  ] as const) {
    const path = at(`platform-${architecture}.tar`);
    await run("skopeo", [
      "--override-arch",
      architecture,
      "copy",
      `oci:${at("platforms")}:1`,
      `docker-archive:${path}:a:1`,
    ]);
    assert.deepEqual(
      (await read(path))[0]?.layers.map(({ diffId }) => diffId),
      [digestOf(layer)],
    );
  }
});

test("a layout that umoci makes is read", async (t) => {
  if (lacks(t, "umoci")) return;
  const path = at("umoci");
  await writeFiles(at("insert"), { "file.txt": "inserted" });
  await mkdir(at("home"));
  await run("umoci", ["init", "--layout", path]);
  await run("umoci", ["new", "--image", `${path}:new`]);
  await run("umoci", ["insert", "--rootless", "--image", `${path}:new`, at("insert"), "/data"]);
  const [image] = await read(path);
  assert.deepEqual(image?.names, ["new"]);
  assert.equal(image?.layers.length, 1);
});
