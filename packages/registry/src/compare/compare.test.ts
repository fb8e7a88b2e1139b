import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  lstat,
  mkdir,
  mkdtempDisposable,
  readdir,
  readFile,
  readlink,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { TypeFlag } from "@wharf/image";
import { ApiClient } from "../testing/api-client.ts";
import { blobOf, folder, imageOf, manifestOf, tarOf } from "../testing/test-image.ts";
import type { Member, TestImage } from "../testing/test-image.ts";
import { everyRegistry, until } from "../testing/test-registry.ts";

const THEN = 1_600_000_000;
const LATER = 1_700_000_000;

function file(
  name: string,
  data: string,
  mtime: number = THEN,
  more: Partial<Member> = {},
): Member {
  return { name, data, mtime, mode: 0o644, ...more };
}

const SYSTEM = tarOf([
  folder("bin/"),
  file("bin/sh", "#!shell", THEN, { mode: 0o755 }),
  { name: "bin/bash", type: TypeFlag.symlink, linkname: "sh" },
  folder("etc/"),
  file("etc/passwd", "root:x:0:0"),
  file("etc/group", "root:x:0"),
  folder("usr/"),
  folder("usr/lib/"),
  file("usr/lib/libc.so", "c".repeat(5000)),
  file("usr/lib/old.so", "o".repeat(3000)),
]);

const before = imageOf(
  [
    SYSTEM,
    tarOf([
      folder("app/"),
      file("app/main", "version one"),
      file("app/helper", "same", LATER),
      file("app/dropped", "gone soon"),
      folder("app/data/"),
      file("app/data/a", "1"),
      file("app/data/b", "2"),
    ]),
  ],
  {
    config: {
      config: {
        Env: ["PATH=/bin", "MODE=old", "GONE=1"],
        Cmd: ["main"],
        Labels: { version: "1" },
        ExposedPorts: { "80/tcp": {} },
        WorkingDir: "/app",
      },
      history: [{ created_by: "ADD system" }, { created_by: "COPY app one" }],
    },
  },
);

const after = imageOf(
  [
    SYSTEM,
    tarOf([
      folder("app/"),
      file("app/main", "version two, which is longer"),
      file("app/helper", "same", LATER),
      file("app/fresh", "just made"),
      file("app/data", "a file now"),
      { name: "bin/bash", type: TypeFlag.symlink, linkname: "/bin/sh", mtime: THEN },
      { name: "usr/lib/.wh.old.so" },
      file("etc/passwd", "root:x:0:1", LATER),
      file("etc/group", "root:x:0", THEN, { mode: 0o600 }),
    ]),
  ],
  {
    config: {
      config: {
        Env: ["PATH=/bin", "MODE=new", "ADDED=1"],
        Cmd: ["main", "-v"],
        Labels: { version: "2", team: "core" },
        ExposedPorts: { "443/tcp": {} },
        User: "app",
        WorkingDir: "/app",
      },
      history: [{ created_by: "ADD system" }, { created_by: "COPY app two" }],
    },
  },
);

everyRegistry((start) => {
  test("two images are compared, and their files as they lie when they are unpacked", async () => {
    await using registry = await start();
    const api = new ApiClient(registry.admin);
    await registry.pushImage("team/app", "v1", before);
    await registry.pushImage("team/app", "v2", after);
    const { status, json } = await api.get("/repository/team/app/compare?base=v1&head=v2");
    assert.equal(status, 200);
    assert.equal(json.same_image, false);
    assert.equal(json.base.manifest_digest, before.manifest.descriptor.digest);
    assert.equal(json.head.reference, "v2");
    assert.equal(json.head.platform, "linux/amd64");
    assert.equal(
      json.base.size,
      before.tars.reduce((sum, tar) => sum + tar.length, 0),
    );
    assert.deepEqual(json.config, {
      env: {
        added: { ADDED: "1" },
        removed: { GONE: "1" },
        changed: { MODE: { base: "old", head: "new" } },
      },
      labels: {
        added: { team: "core" },
        removed: {},
        changed: { version: { base: "1", head: "2" } },
      },
      exposed_ports: { added: ["443/tcp"], removed: ["80/tcp"] },
      volumes: { added: [], removed: [] },
      entrypoint: null,
      cmd: { base: ["main"], head: ["main", "-v"] },
      user: { base: null, head: "app" },
      working_dir: null,
      stop_signal: null,
    });
    const layers = json.layers.map(
      (layer: { status: string; size: number; command: string; base_index: number | null }) => [
        layer.status,
        layer.size,
        layer.command,
        layer.base_index,
      ],
    );
    assert.deepEqual(layers, [
      ["shared", SYSTEM.length, "ADD system", 0],
      ["added", after.tars[1]?.length, "COPY app two", null],
      ["removed", before.tars[1]?.length, "COPY app one", 1],
    ]);

    const was = await unpacked(before);
    const is = await unpacked(after);
    const rows: readonly Row[] = json.files;
    assert.deepEqual(
      rows.map(({ path, kind, changes }) => [path, kind, changes]),
      expectedRows(was, is),
    );
    const sizes = (tree: Tree): number =>
      [...tree.values()].reduce((sum, one) => sum + one.size, 0);
    assert.equal(json.summary.bytes_difference, sizes(is) - sizes(was));
    assert.deepEqual([json.base.files, json.head.files], [was.size, is.size]);
    for (const kind of ["added", "removed", "changed"] as const) {
      const some = rows.filter((row) => row.kind === kind);
      const bytes = some.reduce((sum, row) => sum + (row.head_size ?? row.base_size ?? 0), 0);
      assert.deepEqual(json.summary[kind], { count: some.length, bytes });
    }

    // Pages hold on to the images although the tags move.
    const first = (await api.get("/repository/team/app/compare?base=v1&head=v2&limit=4")).json;
    await registry.pushManifest("team/app", "v1", after.manifest);
    const url = "/repository/team/app/compare?base=v1&head=v2&limit=100";
    const second = (await api.get(`${url}&next_page=${first.next_page}`)).json;
    assert.deepEqual([...first.files, ...second.files], rows);
    assert.equal(second.next_page, undefined);
    const same = (await api.get(url)).json;
    assert.equal(same.same_image, true);
    assert.deepEqual(same.files, []);
    const removed = await api.get(
      `/repository/team/app/compare?head=v2&kind=removed&base=${before.manifest.descriptor.digest}`,
    );
    assert.deepEqual(
      removed.json.files.map(({ path }: Row) => path),
      ["app/data/a", "app/data/b", "app/dropped", "usr/lib/old.so"],
    );
  });

  test("an image of another repository is compared with when it may be read", async () => {
    await using registry = await start();
    await registry.pushImage("team/old", "v1", before);
    await registry.pushImage("team/app", "v2", after);
    const path = "/repository/team/app/compare?base=v1&head=v2&base_repository=team/old";
    const reader = new ApiClient(await registry.user("rita"));
    await registry.permit("rita", "team/app", "read");
    assert.equal((await reader.get(path)).outcome, "404 NAME_UNKNOWN");
    const missing = path.replace("team/old", "team/none");
    assert.equal((await reader.get(missing)).outcome, "404 NAME_UNKNOWN");
    await registry.permit("rita", "team/old", "read");
    const { json } = await reader.get(path);
    assert.equal(json.base.repository, "team/old");
    assert.equal(json.head.repository, "team/app");
  });

  test("what cannot be compared says why", async () => {
    await using registry = await start();
    const api = new ApiClient(registry.admin);
    await registry.pushImage("team/app", "v1", before);
    await registry.pushIndex("team/app", "multi", {
      "linux/amd64": after,
      "linux/arm64": imageOf([SYSTEM], { architecture: "arm64" }),
    });
    const chart = manifestOf(blobOf("{}", "application/vnd.cncf.helm.config.v1+json"), []);
    await registry.pushImage("team/app", "chart", chart);
    const broken = imageOf([gzipSync("no tar").subarray(0, 12)], { compression: "none" });
    await registry.pushImage("team/app", "broken", broken);
    const outcome = async (query: string): Promise<string> =>
      (await api.get(`/repository/team/app/compare?${query}`)).outcome;
    assert.equal(await outcome("base=v1&head=multi"), "200");
    assert.equal(await outcome("base=multi&head=v1"), "200");
    assert.equal(await outcome("base=v1&head=multi&platform=linux/arm64"), "404 PLATFORM_UNKNOWN");
    assert.equal(await outcome("base=multi&head=multi&platform=linux/arm64"), "200");
    assert.equal(await outcome("base=v1&head=multi&platform=x"), "400 PARAMETER_INVALID");
    assert.equal(await outcome("base=v1&head=none"), "404 MANIFEST_UNKNOWN");
    assert.equal(await outcome("base=v1"), "400 PARAMETER_INVALID");
    assert.equal(await outcome("base=v1&head=v1&kind=x"), "400 PARAMETER_INVALID");
    assert.equal(await outcome("base=v1&head=v1&next_page=x"), "400 PARAMETER_INVALID");
    assert.equal(await outcome("base=v1&head=v1&base_repository=A"), "400 PARAMETER_INVALID");
    assert.equal(await outcome("base=v1&head=chart"), "415 COMPARE_REFUSED");
    const refusal = await api.get("/repository/team/app/compare?base=v1&head=broken");
    assert.equal(refusal.outcome, "422 COMPARE_REFUSED");
    assert.doesNotMatch(refusal.json.detail, /squash/);
  });

  test("who waits long enough for layers to be read is told to come again", async () => {
    await using registry = await start({ config: { squash: { waitTimeout: 0 } } });
    await registry.pushImage("team/app", "v1", before);
    await registry.pushImage("team/app", "v2", after);
    const api = new ApiClient(registry.admin);
    const path = "/repository/team/app/compare?base=v1&head=v2";
    const early = await api.get(path);
    assert.equal(early.outcome, "503 UNAVAILABLE");
    assert.equal(early.headers["retry-after"], "5");
    // The work goes on meanwhile.
    await until(async () => (await api.get(path)).status === 200);
  });

  test("folders of an image are listed", async () => {
    await using registry = await start();
    const api = new ApiClient(registry.admin);
    await registry.pushImage("team/app", "v2", after);
    const path = "/repository/team/app/manifest/v2/files";
    const root = (await api.get(path)).json;
    assert.deepEqual(
      root.entries.map(({ name, type }: { name: string; type: string }) => [name, type]),
      ["app", "bin", "etc", "usr"].map((name) => [name, "directory"]),
    );
    const bin = (await api.get(`${path}?path=/bin/&limit=1`)).json;
    assert.deepEqual(bin.entries, [
      {
        name: "bash",
        type: "symlink",
        size: 0,
        mode: bin.entries[0].mode,
        uid: "0",
        gid: "0",
        modified: new Date(THEN * 1000).toISOString(),
        target: "/bin/sh",
        layer: 1,
        layer_digest: after.blobs[2]?.descriptor.digest,
      },
    ]);
    const next = (await api.get(`${path}?path=/bin/&limit=1&next_page=${bin.next_page}`)).json;
    assert.equal(next.entries[0].name, "sh");
    assert.equal(next.entries[0].mode, "0755");
    assert.equal(next.entries[0].layer, 0);
    assert.equal(next.next_page, undefined);
    assert.equal((await api.get(`${path}?path=usr/lib/old.so`)).outcome, "404 NOT_FOUND");
    assert.equal((await api.get(`${path}?path=bin/sh`)).outcome, "404 NOT_FOUND");
    assert.equal((await api.get(`${path}?path=../bin`)).json.entries.length, 2);
  });
});

interface Row {
  readonly path: string;
  readonly kind: string;
  readonly base_size: number | null;
  readonly head_size: number | null;
  readonly changes: readonly string[];
}

interface Found {
  readonly type: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: number;
  /** Of a file its content, of a symbolic link where it leads. */
  readonly content: string;
}

type Tree = ReadonlyMap<string, Found>;

/** Unpacks an image as the image-spec says, layer by layer, with GNU tar. */
async function unpacked(image: TestImage): Promise<Tree> {
  await using place = await mkdtempDisposable(join(tmpdir(), "wharf-compare-"));
  const root = join(place.path, "root");
  await mkdir(root);
  for (const [number, tar] of image.tars.entries()) {
    const layer = join(place.path, `${number}.tar`);
    await writeFile(layer, tar);
    const { stdout } = spawnSync("tar", ["-tf", layer], { encoding: "utf8" });
    for (const name of stdout.split("\n").filter((line) => basename(line).startsWith(".wh."))) {
      const hidden = join(root, dirname(name), basename(name).slice(".wh.".length));
      await rm(hidden, { recursive: true });
    }
    const options = ["--exclude=.wh.*", "--recursive-unlink", "--no-same-owner", "-p"];
    const done = spawnSync("tar", ["-xf", layer, "-C", root, ...options]);
    assert.equal(done.status, 0, String(done.stderr));
  }
  const tree = new Map<string, Found>();
  for (const path of (await readdir(root, { recursive: true })).toSorted(byComponents)) {
    const at = join(root, path);
    const facts = await lstat(at);
    const type = facts.isSymbolicLink() ? "symlink" : facts.isDirectory() ? "directory" : "file";
    tree.set(path, {
      type,
      size: type === "file" ? facts.size : 0,
      mode: facts.mode & 0o7777,
      mtime: facts.mtimeMs,
      content:
        type === "file"
          ? await readFile(at, "latin1")
          : type === "symlink"
            ? await readlink(at)
            : "",
    });
  }
  return tree;
}

function byComponents(a: string, b: string): number {
  return a.replaceAll("/", "\0") < b.replaceAll("/", "\0") ? -1 : 1;
}

type ExpectedRow = readonly [path: string, kind: string, changes: readonly string[]];

function expectedRows(was: Tree, is: Tree): ExpectedRow[] {
  const paths = [...new Set([...was.keys(), ...is.keys()])].toSorted(byComponents);
  return paths.flatMap((path): ExpectedRow[] => {
    const old = was.get(path);
    const young = is.get(path);
    if (old === undefined) return [[path, "added", []]];
    if (young === undefined) return [[path, "removed", []]];
    const changes = differences(old, young);
    return changes.length === 0 ? [] : [[path, "changed", changes]];
  });
}

function differences(old: Found, young: Found): string[] {
  if (old.type !== young.type) return ["type"];
  const isFile = old.type === "file";
  const found: string[] = [];
  if (isFile && old.size !== young.size) found.push("content");
  else if (isFile && old.mtime !== young.mtime) found.push("time");
  else if (isFile) assert.equal(old.content, young.content);
  if (old.type !== "symlink" && old.mode !== young.mode) found.push("mode");
  if (old.type === "symlink" && old.content !== young.content) found.push("target");
  return found;
}
