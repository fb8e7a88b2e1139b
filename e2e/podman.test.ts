import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, suite, test } from "node:test";

import { BASE_COMMANDS, baseImage } from "./base-image.ts";
import { GREETING, writeBuildContext } from "./changed-image.ts";
import { Podman } from "./clients/podman.ts";
import { imageTree } from "./engine.ts";
import { missing } from "./missing.ts";
import { Scratch } from "./scratch.ts";
import { treeDiff } from "./tree-diff.ts";
import type { Tree } from "./tree.ts";
import { wharf } from "./wharf.ts";

suite(
  "squashing an image of podman",
  { skip: missing("buildah", ...Podman.commands, ...BASE_COMMANDS) },
  () => {
    const resources = new AsyncDisposableStack();
    let podman: Podman;
    let scratch: Scratch;
    /** The image that buildah built, as podman shows it. */
    let tree: Tree;
    let layers: string[];

    before(async () => {
      const base = await baseImage();
      scratch = resources.use(await Scratch.create());
      podman = resources.use(await Podman.create());
      await podman.run("import", base, "localhost/base:1");
      await mkdir(scratch.at("context"));
      await writeBuildContext(scratch.at("context"), "localhost/base:1");
      const flags = ["--isolation=chroot", "--network=host", "--cap-add=all", "--layers"];
      await podman.buildah("bud", ...flags, "--tag=localhost/app:1", scratch.at("context"));
      layers = await podman.layers("localhost/app:1");
      tree = await imageTree(podman, "localhost/app:1");
    });
    after(() => resources.disposeAsync());

    for (const format of ["docker-archive", "oci-archive"]) {
      test(`podman save --format ${format}, squashed into the same format, podman load`, async () => {
        const [from, to] = [scratch.at(`${format}.tar`), scratch.at(`${format}-squashed.tar`)];
        await podman.run("save", `--format=${format}`, `--output=${from}`, "localhost/app:1");
        const name = `localhost/${format}:1`;
        await wharf(["squash", "-i", from, "-o", to, "-format", format, "-t", name]);
        await podman.run("load", `--input=${to}`);
        const [base, ...others] = await podman.layers(name);
        assert.equal(base, layers[0]);
        assert.equal(others.length, 1);
        await assertSame(name);
      });
    }

    test("-from scratch, with zstd layers", async () => {
      const [from, to] = [scratch.at("all.tar"), scratch.at("all-squashed.tar")];
      await podman.run("save", "--format=oci-archive", `--output=${from}`, "localhost/app:1");
      const flags = ["-from", "scratch", "-format", "oci-archive", "-compression", "zstd"];
      await wharf(["squash", "-i", from, "-o", to, ...flags, "-t", "localhost/all:1"]);
      await podman.run("load", `--input=${to}`);
      assert.equal((await podman.layers("localhost/all:1")).length, 1);
      await assertSame("localhost/all:1");
    });

    test("docker-daemon: through podman's socket", async () => {
      await using service = await podman.serve();
      const { env } = service;
      await wharf(["squash", "docker-daemon:localhost/app:1", "docker-daemon:localhost/engine:1"], {
        env,
      });
      await assertSame("localhost/engine:1");
    });

    async function assertSame(image: string): Promise<void> {
      assert.equal(await podman.runContainer(image), `${GREETING}\n`);
      const options = { topMode: "ignored" } as const;
      assert.deepEqual(treeDiff(tree, await imageTree(podman, image), options), []);
    }
  },
);
