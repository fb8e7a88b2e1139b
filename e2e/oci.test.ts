import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { BASE_COMMANDS } from "./base-image.ts";
import { changedLayout } from "./changed-layout.ts";
import { Containerd } from "./clients/containerd.ts";
import { Podman } from "./clients/podman.ts";
import { Umoci } from "./clients/umoci.ts";
import { run } from "./command.ts";
import { imageTree } from "./engine.ts";
import { missing } from "./missing.ts";
import { Scratch } from "./scratch.ts";
import { treeDiff } from "./tree-diff.ts";
import type { Tree } from "./tree.ts";
import { wharf } from "./wharf.ts";

const COMMANDS = ["skopeo", ...Umoci.commands, ...BASE_COMMANDS];

suite("squashing an OCI layout", { skip: missing(...COMMANDS) }, () => {
  const resources = new AsyncDisposableStack();
  let scratch: Scratch;
  let umoci: Umoci;
  let layout: string;
  const trees = new Map<string, Promise<Tree>>();

  before(async () => {
    layout = await changedLayout();
    scratch = resources.use(await Scratch.create());
    umoci = resources.use(await Umoci.create());
  });
  after(() => resources.disposeAsync());

  for (const [tag, from, compression] of [
    ["2-change", "1", "gzip:1"],
    ["3-delete", "scratch", "none"],
    ["4-replace", "scratch", "gzip:1"],
    ["4-replace", "1", "none"],
    ["6-delete-again", "scratch", "gzip:1"],
    ["6-delete-again", "3", "none"],
  ] as const) {
    test(`umoci unpacks ${tag}, squashed from ${from} with ${compression} layers, as it unpacks the source`, async () => {
      const folder = scratch.at(`${tag}-${from}-${compression.replace(":", "-")}`);
      const flags = ["-from", from, "-compression", compression];
      await wharf(["squash", ...flags, `oci:${layout}:${tag}`, `oci:${folder}:squashed`]);
      assert.deepEqual(
        treeDiff(await treeOf(tag), await imageTree(umoci, `${folder}:squashed`)),
        [],
      );
    });
  }

  test("layers that skopeo recompressed with zstd give the same image as those with gzip", async () => {
    const zstd = scratch.at("zstd");
    const flags = ["--dest-compress-format=zstd", "--quiet"];
    await run("skopeo", ["copy", ...flags, `oci:${layout}:6-delete-again`, `oci:${zstd}:app`]);
    const archives = [scratch.at("from-gzip.tar"), scratch.at("from-zstd.tar")] as const;
    await wharf([
      "squash",
      "-from",
      "scratch",
      "-t",
      "app:1",
      `oci:${layout}:6-delete-again`,
      `docker-archive:${archives[0]}`,
    ]);
    await wharf([
      "squash",
      "-from",
      "scratch",
      "-t",
      "app:1",
      `oci:${zstd}:app`,
      `docker-archive:${archives[1]}`,
    ]);
    const layers = await Promise.all(
      archives.map((file) =>
        run("skopeo", ["inspect", "--config", "--format={{.RootFS}}", `docker-archive:${file}`]),
      ),
    );
    assert.equal(layers[0], layers[1]);
  });

  test("skopeo takes the docker-archive, and what it makes of it has the same tree", async () => {
    const archive = scratch.at("skopeo.tar");
    await wharf([
      "squash",
      "-t",
      "app:1",
      `oci:${layout}:6-delete-again`,
      `docker-archive:${archive}`,
    ]);
    const copy = scratch.at("skopeo");
    await run("skopeo", ["copy", "--quiet", `docker-archive:${archive}`, `oci:${copy}:app`]);
    assert.deepEqual(
      treeDiff(await treeOf("6-delete-again"), await imageTree(umoci, `${copy}:app`)),
      [],
    );
  });

  /** The tree of a state of the layout as umoci unpacks it; each is read once. */
  function treeOf(tag: string): Promise<Tree> {
    const tree = trees.get(tag) ?? imageTree(umoci, `${layout}:${tag}`);
    trees.set(tag, tree);
    return tree;
  }

  suite("with every attribute, in engines with overlay", () => {
    test("containerd", { skip: missing(...Containerd.commands) }, async () => {
      const unpackedSince = BigInt(Date.now()) * 1_000_000n;
      await using containerd = await Containerd.start();
      const source = await sourceArchive("example.org/source:1");
      await containerd.run("images", "import", source);
      const expected = await imageTree(containerd, "example.org/source:1");
      for (const [name, flags] of [
        ["base", ["-format", "oci-archive", "-compression", "zstd"]],
        ["scratch", ["-format", "oci-archive", "-from", "scratch"]],
        ["docker", ["-format", "docker-archive"]],
      ] as const) {
        const image = `example.org/${name}:1`;
        const file = scratch.at(`ctr-${name}.tar`);
        await wharf(["squash", ...flags, "-t", image, "-o", file, `oci:${layout}:3-delete`]);
        await containerd.run("images", "import", file);
        assert.deepEqual(
          treeDiff(expected, await imageTree(containerd, image), { unpackedSince }),
          [],
          name,
        );
        await containerd.runContainer(image, "/bin/true");
      }
    });

    test("podman", { skip: missing(...Podman.commands) }, async () => {
      const unpackedSince = BigInt(Date.now()) * 1_000_000n;
      await using podman = await Podman.create();
      await podman.run("load", "--input", await sourceArchive("localhost/source:1"));
      const expected = await imageTree(podman, "localhost/source:1");
      const options = { unpackedSince, topMode: "ignored" } as const;
      for (const from of ["1", "scratch"]) {
        const image = `localhost/from-${from}:1`;
        const file = scratch.at(`podman-${from}.tar`);
        await wharf(["squash", "-from", from, "-t", image, "-o", file, `oci:${layout}:3-delete`]);
        await podman.run("load", "--input", file);
        assert.deepEqual(treeDiff(expected, await imageTree(podman, image), options), [], from);
      }
    });

    /** Those engines refuse what umoci writes for a folder that became a file, so this is the state before. */
    async function sourceArchive(name: string): Promise<string> {
      const file = scratch.at(`source-${process.hrtime.bigint()}.tar`);
      await run("skopeo", [
        "copy",
        "--quiet",
        `oci:${layout}:3-delete`,
        `oci-archive:${file}:${name}`,
      ]);
      return file;
    }
  });
});
