import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Containerd } from "../../clients/containerd.ts";
import { Docker } from "../../clients/docker.ts";
import type { Login } from "../../clients/wharf-server.ts";
import { shell } from "../../command.ts";
import { imageTree, type Engine } from "../../engine.ts";
import { missing } from "../../missing.ts";
import { treeDiff, type DiffOptions } from "../../tree-diff.ts";
import type { Scenario } from "../scenario.ts";

/** What a scenario needs of each engine. */
interface Loader extends Engine {
  pull(image: string): Promise<unknown>;
  /** A shell line that reads an archive from standard input. */
  readonly load: string;
  readonly env: Readonly<Record<string, string>>;
  imageId(image: string): Promise<string>;
  layers(image: string): Promise<readonly string[]>;
  runContainer(image: string, ...command: readonly string[]): Promise<string>;
  remove(image: string): Promise<unknown>;
  readonly differences: Pick<DiffOptions, "topMode">;
}

export const SQUASH: Scenario = {
  title: "squashed images in engines",
  commands: [],
  declare: (world) => {
    /** May only read what is squashed. */
    let robot: Login;

    before(async () => {
      const { server } = world();
      await world().pushApp("team/app:latest");
      type Made = { name: string; token: string };
      const made = await server.wharfAdminJson<Made>("robot", "create", "team+deploy");
      robot = { name: made.name, password: made.token };
      await server.wharfAdmin("permission", "set", "team/app", "team+deploy", "read");
    });

    test(
      "docker: curl | docker load, and docker pull of the tag .squash",
      {
        skip: missing(...Docker.commands),
      },
      async () => {
        const docker = await world().docker();
        await docker.login(world().server.host, robot);
        await assertSquashed({
          pull: (image) => docker.run("pull", "--quiet", image),
          load: "docker load",
          env: docker.env,
          imageId: (image) => docker.imageId(image),
          layers: (image) => docker.layers(image),
          mount: (image) => docker.mount(image),
          runContainer: (image, ...command) =>
            docker.run("run", "--rm", "--network=none", image, ...command),
          remove: (image) => docker.run("image", "rm", "--force", image),
          differences: {},
        });
      },
    );

    test("podman: curl | podman load, and podman pull of the tag .squash", async () => {
      const { podman } = world();
      await assertSquashed({
        pull: (image) => podman.run("pull", "--quiet", image),
        load: podman.commandLine("load"),
        env: podman.env,
        imageId: (image) => podman.imageId(image),
        layers: (image) => podman.layers(image),
        mount: (image) => podman.mount(image),
        runContainer: (image, ...command) => podman.runContainer(image, ...command),
        remove: (image) => podman.run("image", "rm", "--force", image),
        differences: { topMode: "ignored" },
      });
    });

    test(
      "containerd: curl | ctr images import, and ctr images pull of the tag .squash",
      {
        skip: missing(...Containerd.commands),
      },
      async () => {
        const containerd = await world().containerd();
        await assertSquashed({
          pull: (image) => containerd.pull(image, robot),
          load: containerd.commandLine("images", "import", "-"),
          env: {},
          imageId: async (image) => (await containerd.imageDocuments(image)).configDigest,
          layers: async (image) => (await containerd.imageDocuments(image)).diffIds,
          mount: (image) => containerd.mount(image),
          runContainer: (image, ...command) => containerd.runContainer(image, ...command),
          remove: (image) => containerd.run("images", "rm", "--sync", image),
          differences: {},
        });
      },
    );

    /** Loaded and pulled it is one image, and it has exactly the files of the one with layers. */
    async function assertSquashed(engine: Loader): Promise<void> {
      const layered = world().image("team/app:latest");
      const squashed = world().image("team/app:latest.squash");
      await engine.pull(layered);
      const tree = await imageTree(engine, layered);
      assert.ok((await engine.layers(layered)).length > 1);
      const command = ["/bin/sh", "-c", "cat /w/b-1; test ! -e /usr/bin/perl"];
      assert.equal(await engine.runContainer(layered, ...command), "group b\nmore\n");
      await engine.remove(layered);

      const url = `${world().server.urlFor(robot)}/c1/squash/team/app/latest`;
      await shell(`curl -sS -L -f "$1" | ${engine.load}`, [url], { env: engine.env });
      assert.equal((await engine.layers(squashed)).length, 1);
      const differences = { ...engine.differences, unpackedSince: world().startedAt };
      assert.deepEqual(treeDiff(tree, await imageTree(engine, squashed), differences), []);
      assert.equal(await engine.runContainer(squashed, ...command), "group b\nmore\n");

      const loaded = await engine.imageId(squashed);
      await engine.remove(squashed);
      await engine.pull(squashed);
      assert.equal(await engine.imageId(squashed), loaded);
      assert.deepEqual(treeDiff(tree, await imageTree(engine, squashed), differences), []);
      await engine.remove(squashed);
    }
  },
};
