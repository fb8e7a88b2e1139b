import assert from "node:assert/strict";
import { copyFile, mkdir } from "node:fs/promises";
import { after, before, suite, test } from "node:test";

import { BASE_COMMANDS, baseImage } from "./base-image.ts";
import { GREETING, writeBuildContext } from "./changed-image.ts";
import { Docker } from "./clients/docker.ts";
import { run, shell } from "./command.ts";
import { imageTree } from "./engine.ts";
import { missing } from "./missing.ts";
import { Scratch } from "./scratch.ts";
import { treeDiff } from "./tree-diff.ts";
import type { Tree } from "./tree.ts";
import { WHARF, wharf } from "./wharf.ts";

suite(
  "squashing an image of Docker",
  { skip: missing(...Docker.commands, ...BASE_COMMANDS) },
  () => {
    const resources = new AsyncDisposableStack();
    let docker: Docker;
    let scratch: Scratch;
    /** What `docker save` writes of the image that `docker build` made, and its tree as Docker shows it. */
    let saved: string;
    let tree: Tree;
    let layers: string[];

    before(async () => {
      const base = await baseImage();
      scratch = resources.use(await Scratch.create());
      docker = resources.use(await Docker.start());
      await docker.run("import", base, "base:1");
      await mkdir(scratch.at("context"));
      await writeBuildContext(scratch.at("context"), "base:1");
      await docker.run("build", "--network=none", "--tag=app:1", scratch.at("context"));
      saved = scratch.at("saved.tar");
      await docker.run("save", "--output", saved, "app:1");
      layers = await docker.layers("app:1");
      tree = await imageTree(docker, "app:1");
    });
    after(() => resources.disposeAsync());

    test("docker save | wharf squash | docker load: the layer of the base stays, the rest becomes one", async () => {
      await shell(`docker save app:1 | node "$1" squash -t pipe:1 | docker load`, [WHARF], {
        env: docker.env,
      });
      await assertBaseAndOne("pipe:1");
      await assertSame("pipe:1");
    });

    test("-from scratch: one layer", async () => {
      await wharf([
        "squash",
        "-i",
        saved,
        "-o",
        scratch.at("one.tar"),
        "-from",
        "scratch",
        "-t",
        "one:1",
      ]);
      await docker.run("load", "--input", scratch.at("one.tar"));
      assert.equal((await docker.layers("one:1")).length, 1);
      await assertSame("one:1");
    });

    test("-from names the base image, which only the engine knows", async () => {
      const env = { env: docker.env };
      await wharf(["squash", "-from", "base:1", "app:1", "docker-daemon:onbase:1"], env);
      await assertBaseAndOne("onbase:1");
      await assertSame("onbase:1");
    });

    test("-from and -to layer numbers: layers stay below and above", async () => {
      await wharf([
        "squash",
        "-i",
        saved,
        "-o",
        scratch.at("run.tar"),
        "-from",
        "3",
        "-to",
        "6",
        "-t",
        "run:1",
      ]);
      await docker.run("load", "--input", scratch.at("run.tar"));
      const left = await docker.layers("run:1");
      assert.deepEqual(left.toSpliced(3, 1), [...layers.slice(0, 3), ...layers.slice(6)]);
      await assertSame("run:1");
    });

    test("docker-daemon: to docker-daemon:, with no export by hand", async () => {
      await wharf(["squash", "docker-daemon:app:1", "docker-daemon:engine:1"], { env: docker.env });
      await assertBaseAndOne("engine:1");
      await assertSame("engine:1");
    });

    test("a bare name is an image of the local engine", async () => {
      await wharf(["squash", "app:1", "-o", scratch.at("bare.tar"), "-t", "bare:1"], {
        env: docker.env,
      });
      await docker.run("load", "--input", scratch.at("bare.tar"));
      await assertBaseAndOne("bare:1");
    });

    test("the configuration stays, and the history tells of each layer that is left", async () => {
      await wharf(["squash", "docker-daemon:app:1", "docker-daemon:config:1"], { env: docker.env });
      const format =
        "{{json .Config.Env}} {{json .Config.Labels}} {{json .Config.Cmd}} {{.Config.WorkingDir}} {{.Architecture}} {{.Os}}";
      const inspect = (image: string): Promise<string> =>
        docker.run("image", "inspect", "--format", format, image);
      assert.equal(await inspect("config:1"), await inspect("app:1"));
      await docker.run("save", "--output", scratch.at("config.tar"), "config:1");
      const config = await shell(
        `tar xOf "$1" "$(tar xOf "$1" manifest.json | jq -r '.[0].Config')" | jq '[.history[] | select(.empty_layer | not)] | length'`,
        [scratch.at("config.tar")],
      );
      assert.equal(config.trim(), "2");
    });

    test("file, pipe and engine give the same bytes, and so does a second run", async () => {
      const name = (number: number): string => scratch.at(`same-${number}.tar`);
      await wharf(["squash", "-i", saved, "-o", name(1)]);
      await wharf(["squash", "-i", saved, "-o", name(2)]);
      await shell(`node "$1" squash <"$2" >"$3"`, [WHARF, saved, name(3)]);
      await shell(`gzip -1 <"$2" | node "$1" squash -o "$3"`, [WHARF, saved, name(4)]);
      await wharf(["squash", "app:1", "-o", name(5)], { env: docker.env });
      for (const number of [2, 3, 4, 5]) await run("cmp", [name(1), name(number)]);
    });

    test("squashing what is squashed changes nothing", async () => {
      await wharf(["squash", "-i", saved, "-o", scratch.at("once.tar")]);
      await wharf(["squash", "-i", scratch.at("once.tar"), "-o", scratch.at("twice.tar")]);
      await run("cmp", [scratch.at("once.tar"), scratch.at("twice.tar")]);
    });

    test("a file is squashed in place", async () => {
      await copyFile(saved, scratch.at("place.tar"));
      await wharf([
        "squash",
        "-i",
        scratch.at("place.tar"),
        "-o",
        scratch.at("place.tar"),
        "-t",
        "place:1",
      ]);
      await docker.run("load", "--input", scratch.at("place.tar"));
      await assertBaseAndOne("place:1");
    });

    async function assertBaseAndOne(image: string): Promise<void> {
      const [base, ...others] = await docker.layers(image);
      assert.equal(base, layers[0]);
      assert.equal(others.length, 1);
    }

    async function assertSame(image: string): Promise<void> {
      assert.equal(await docker.run("run", "--rm", "--network=none", image), `${GREETING}\n`);
      assert.deepEqual(treeDiff(tree, await imageTree(docker, image)), []);
    }
  },
);
