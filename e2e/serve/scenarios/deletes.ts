import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { before, test } from "node:test";

import { curlStatus } from "../../clients/curl.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

/** Bytes in the layer of each image; nothing compresses them. */
export const GARBAGE_BYTES = 5_000_000;

/** An image in `team/garbage`, as skopeo names it. */
export function garbageImage(world: World, name: string): string {
  return `docker://${world.image(`team/garbage/${name}`)}`;
}

/** What is deleted here is collected much later, because collection keeps for a minute what was touched. */
export const DELETES: Scenario = {
  title: "deletes",
  commands: [],
  declare: (world) => {
    const image = (name: string): string => garbageImage(world(), name);

    before(async () => {
      for (const name of ["by-tag", "by-digest", "stays"]) {
        const { podman, scratch } = world();
        const context = scratch.at(`garbage-context-${name}`);
        await mkdir(context);
        await writeFile(`${context}/bytes`, randomBytes(GARBAGE_BYTES));
        await writeFile(`${context}/Dockerfile`, "FROM scratch\nCOPY bytes /bytes\n");
        await podman.buildah("bud", "--layers", `--tag=localhost/garbage:${name}`, context);
        await podman.buildah("push", "--quiet", `localhost/garbage:${name}`, image(`${name}:1`));
        const flags = ["--format={{index .Layers 0}}", image(`${name}:1`)];
        world().garbageLayers.set(name, (await world().skopeo("inspect", ...flags)).trim());
      }
      await world().skopeo("copy", "--quiet", image("stays:1"), image("by-tag:other"));
    });

    test("a tag is deleted, and the image stays under the other", async () => {
      const { server, alice } = world();
      await world().skopeo("copy", "--quiet", image("by-tag:1"), image("by-tag:2"));
      const manifests = `${server.urlFor(alice)}/v2/team/garbage/by-tag/manifests`;
      assert.equal(await curlStatus("--request", "DELETE", `${manifests}/1`), 202);
      assert.equal(await curlStatus("--request", "DELETE", `${manifests}/1`), 404);
      await assert.rejects(world().skopeo("inspect", image("by-tag:1")), /manifest unknown/);
      await world().skopeo("inspect", image("by-tag:2"));
      assert.equal(await curlStatus("--request", "DELETE", `${manifests}/2`), 202);
    });

    test("an image is deleted by its digest, with its squashed form", async () => {
      await world().skopeo("inspect", image("by-digest:1.squash"));
      await world().skopeo("delete", image("by-digest:1"));
      for (const tag of ["1", "1.squash"]) {
        await assert.rejects(
          world().skopeo("inspect", image(`by-digest:${tag}`)),
          /manifest unknown/,
        );
      }
    });
  },
};
