import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";

import { BASE_COMMANDS } from "./base-image.ts";
import { changedLayout } from "./changed-layout.ts";
import { Registry } from "./clients/registry.ts";
import { Umoci } from "./clients/umoci.ts";
import { ending, run } from "./command.ts";
import { imageTree } from "./engine.ts";
import { missing } from "./missing.ts";
import { Scratch } from "./scratch.ts";
import { treeDiff } from "./tree-diff.ts";
import type { Tree } from "./tree.ts";
import { WHARF, wharf } from "./wharf.ts";

const COMMANDS = ["skopeo", ...Registry.commands, ...Umoci.commands, ...BASE_COMMANDS];
/** User `reader`, password `secret`. */
const HTPASSWD = "reader:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

suite("squashing an image of a registry", { skip: missing(...COMMANDS) }, () => {
  const resources = new AsyncDisposableStack();
  let scratch: Scratch;
  let umoci: Umoci;
  let source: string;
  let tree: Tree;

  before(async () => {
    source = `oci:${await changedLayout()}:3-delete`;
    scratch = resources.use(await Scratch.create());
    umoci = resources.use(await Umoci.create());
    tree = await imageTree(umoci, source.slice("oci:".length));
  });
  after(() => resources.disposeAsync());

  test("from registry to registry", async () => {
    await using registry = await Registry.start();
    await push(registry, []);
    await wharf([
      "squash",
      `docker://${registry.host}/team/app:1`,
      `docker://${registry.host}/team/app:small`,
    ]);
    await assertSame(`docker://${registry.host}/team/app:small`, [], 2);
    await wharf([
      "squash",
      "-from",
      "scratch",
      `docker://${registry.host}/team/app:1`,
      `docker://${registry.host}/other/app:one`,
    ]);
    await assertSame(`docker://${registry.host}/other/app:one`, [], 1);
  });

  test("-from names a base by its tag in the same repository", async () => {
    await using registry = await Registry.start();
    await push(registry, []);
    const base = `docker://${registry.host}/team/app:base`;
    const flags = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    await run("skopeo", ["copy", ...flags, `oci:${await changedLayout()}:1-add`, base]);
    await wharf([
      "squash",
      "-from",
      "base",
      `docker://${registry.host}/team/app:1`,
      `docker://${registry.host}/team/app:onbase`,
    ]);
    await assertSame(`docker://${registry.host}/team/app:onbase`, [], 3);
  });

  test("by digest, from a registry to a file and from a file to a registry", async () => {
    await using registry = await Registry.start();
    await push(registry, []);
    const flags = ["--tls-verify=false", "--format={{.Digest}}"];
    const digest = (
      await run("skopeo", ["inspect", ...flags, `docker://${registry.host}/team/app:1`])
    ).trim();
    const file = scratch.at("digest.tar");
    await wharf([
      "squash",
      "-t",
      "app:1",
      `docker://${registry.host}/team/app@${digest}`,
      `docker-archive:${file}`,
    ]);
    await assertSame(`docker-archive:${file}`, [], 2);
    await wharf(["squash", "-from", "scratch", file, `docker://${registry.host}/team/app:pushed`]);
    await assertSame(`docker://${registry.host}/team/app:pushed`, [], 1);
  });

  test("basic authentication from config.json; without it nothing is told but the cause", async () => {
    await using registry = await Registry.start(HTPASSWD);
    await push(registry, ["--dest-creds=reader:secret"]);
    const from = `docker://${registry.host}/team/app:1`;
    const to = `docker://${registry.host}/team/app:small`;

    const home = scratch.at("home");
    await mkdir(home);
    const env = {
      HOME: home,
      DOCKER_CONFIG: home,
      REGISTRY_AUTH_FILE: `${home}/none.json`,
      XDG_RUNTIME_DIR: home,
    };
    const refused = await ending("node", [WHARF, "squash", from, to], { env });
    assert.equal(refused.code, 4, refused.stderr);

    const auth = Buffer.from("reader:secret").toString("base64");
    await writeFile(
      `${home}/config.json`,
      JSON.stringify({ auths: { [registry.host]: { auth } } }),
    );
    const { DOCKER_CONFIG } = env;
    await wharf(["squash", from, to], {
      env: { HOME: home, XDG_RUNTIME_DIR: home, DOCKER_CONFIG },
    });
    await assertSame(to, ["--src-creds=reader:secret"], 2);
  });

  async function push(registry: Registry, flags: readonly string[]): Promise<void> {
    const target = `docker://${registry.host}/team/app:1`;
    await run("skopeo", ["copy", "--quiet", "--dest-tls-verify=false", ...flags, source, target]);
  }

  async function assertSame(
    image: string,
    flags: readonly string[],
    layers: number,
  ): Promise<void> {
    const folder = scratch.at(`pulled-${process.hrtime.bigint()}`);
    await run("skopeo", [
      "copy",
      "--quiet",
      "--src-tls-verify=false",
      ...flags,
      image,
      `oci:${folder}:1`,
    ]);
    assert.deepEqual(treeDiff(tree, await imageTree(umoci, `${folder}:1`)), []);
    const ids = await run("skopeo", [
      "inspect",
      "--config",
      "--format={{len .RootFS.DiffIDs}}",
      `oci:${folder}:1`,
    ]);
    assert.equal(ids.trim(), String(layers));
  }
});
