import assert from "node:assert/strict";
import { before, test } from "node:test";

import type { Podman } from "../../clients/podman.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

export const PODMAN: Scenario = {
  title: "podman and buildah",
  commands: [],
  declare: (world) => {
    let podman: Podman;

    before(async () => {
      podman = world().podman;
      const context = world().scratch.at("podman-context");
      await writeSmallContext(context, { text: "for podman" });
      await podman.buildah("bud", "--layers", "--tag=localhost/podman:1", context);
    });

    test("podman login refuses a wrong password", async () => {
      const { server, alice } = world();
      await assert.rejects(
        podman.login(server.host, { name: "alice", password: "not hers" }),
        /invalid username\/password|unauthorized/,
      );
      await podman.login(server.host, alice);
      assert.equal(await podman.run("login", "--get-login", server.host), "alice\n");
    });

    for (const [title, flags] of [
      ["OCI", ["--format=oci"]],
      ["Docker's schema 2", ["--format=v2s2"]],
    ] as const) {
      test(`podman push and pull, ${title}`, async () => {
        const image = world().image(`team/podman/${flags[0].replace("--format=", "")}:1`);
        await podman.run("push", ...flags, "localhost/podman:1", image);
        await podman.run("pull", "--quiet", image);
        assert.deepEqual(await podman.layers(image), await podman.layers("localhost/podman:1"));
        await podman.run("image", "rm", image);
      });
    }

    test("buildah pushes with zstd and pulls", async () => {
      const image = world().image("team/buildah:1");
      const flags = ["--quiet", "--compression-format=zstd"];
      await podman.buildah("push", ...flags, "localhost/podman:1", `docker://${image}`);
      await podman.buildah("pull", "--quiet", image);
      assert.deepEqual(await podman.layers(image), await podman.layers("localhost/podman:1"));
    });

    test("podman search finds repositories and lists tags", async () => {
      await world().skopeo("copy", "--quiet", "--all", source("1"), source("2"));
      const found = await podman.run("search", "--format={{.Name}}", world().image("podman"));
      assert.match(found, /team\/podman\/oci/);
      const tags = await podman.run("search", "--list-tags", world().image("team/podman/oci"));
      assert.match(tags, /oci +1\n.*oci +2\n/);
    });

    function source(tag: string): string {
      return `docker://${world().image(`team/podman/oci:${tag}`)}`;
    }
  },
};
