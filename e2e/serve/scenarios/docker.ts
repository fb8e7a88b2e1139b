import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Docker } from "../../clients/docker.ts";
import { ending } from "../../command.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

export const DOCKER: Scenario = {
  title: "docker",
  commands: Docker.commands,
  declare: (world) => {
    let docker: Docker;

    before(async () => {
      docker = await world().docker();
      const context = world().scratch.at("docker-context");
      await writeSmallContext(context, { text: "for docker" });
      await docker.run("build", "--network=none", "--tag=small:1", context);
    });

    test("docker login takes a password and refuses a wrong one", async () => {
      const { server, alice } = world();
      await assert.rejects(
        docker.login(server.host, { name: "alice", password: "not hers" }),
        /unauthorized|401/i,
      );
      assert.match(await docker.login(server.host, alice), /Login Succeeded/);
    });

    test("docker push, docker pull by tag and by digest: the image is the same", async () => {
      const image = world().image("team/docker/app:1");
      await docker.run("tag", "small:1", image);
      const pushed = await docker.run("push", image);
      const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1] ?? "";
      const id = await docker.imageId("small:1");
      await docker.run("image", "rm", "--force", id);
      await docker.run("pull", image);
      assert.equal(await docker.imageId(image), id);
      await docker.run("image", "rm", "--force", id);
      const byDigest = `${world().image("team/docker/app")}@${digest}`;
      await docker.run("pull", byDigest);
      assert.equal(await docker.imageId(byDigest), id);
      await docker.run("tag", byDigest, "small:1");
    });

    test("docker push --all-tags, docker pull --all-tags", async () => {
      const name = world().image("team/docker/tags");
      for (const tag of ["a", "b", "c"]) await docker.run("tag", "small:1", `${name}:${tag}`);
      await docker.run("push", "--all-tags", name);
      for (const tag of ["a", "b", "c"]) await docker.run("image", "rm", `${name}:${tag}`);
      await docker.run("pull", "--all-tags", name);
      const listed = await docker.run("image", "ls", "--format={{.Tag}}", name);
      assert.deepEqual(listed.trim().split("\n").toSorted(), ["a", "b", "c"]);
    });

    test("docker search finds what the login may see", async () => {
      const { server } = world();
      await server.wharfAdmin(
        "repository",
        "change",
        "team/docker/app",
        "--description",
        "Says nothing",
      );
      const search = (): Promise<string> =>
        docker.run(
          "search",
          "--no-trunc",
          "--format={{.Name}}|{{.Description}}",
          `${server.host}/docker/app`,
        );
      const found = await search();
      assert.match(found, /team\/docker\/app\|Says nothing/);
      assert.doesNotMatch(found, /tags/);
      await docker.run("logout", server.host);
      assert.doesNotMatch(await search(), /team/);
      await server.wharfAdmin("repository", "change", "team/docker/app", "--visibility", "public");
      assert.match(await search(), /team\/docker\/app/);
    });

    test("without a login a public image can be pulled, not pushed, and a private one is not there", async () => {
      await docker.run("pull", world().image("team/docker/app:1"));
      await refused(["push", world().image("team/docker/app:1")], /does not allow to push/);
      await refused(["pull", world().image("team/docker/tags:a")], /pull access denied/);
      await refused(["pull", world().image("team/docker/absent:a")], /pull access denied/);
    });

    test("without rights nothing is pushed, and the reason is told", async () => {
      await docker.login(world().server.host, world().bob);
      await refused(["push", world().image("team/docker/app:1")], /does not allow to push/);
      await docker.run("tag", "small:1", world().image("nobody/app:1"));
      await refused(["push", world().image("nobody/app:1")], /namespace nobody does not exist/);
      await docker.run("tag", "small:1", world().image("bob/app:1"));
      await docker.run("push", world().image("bob/app:1"));
      await refused(["pull", world().image("bob/app:2")], /no such tag/);
      await docker.login(world().server.host, world().alice);
    });

    async function refused(args: readonly string[], why: RegExp): Promise<void> {
      const { code, stderr } = await ending("docker", args, { env: docker.env });
      assert.notEqual(code, 0);
      assert.match(stderr, why);
    }
  },
};
