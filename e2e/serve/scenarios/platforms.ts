import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";

import { curl } from "../../clients/curl.ts";
import { Docker } from "../../clients/docker.ts";
import { run, shell } from "../../command.ts";
import { missing } from "../../missing.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

/** An index, as far as it is looked at. */
interface Index {
  readonly mediaType: string;
  readonly manifests: readonly {
    readonly digest: string;
    readonly platform: { readonly os: string; readonly architecture: string };
  }[];
}

const PLATFORMS = ["linux/amd64", "linux/arm64", "linux/s390x"];

export const SEVERAL_PLATFORMS: Scenario = {
  title: "an image of several platforms",
  commands: [],
  declare: (world) => {
    const source = (tag: string): string => `docker://${world().image(`team/multi:${tag}`)}`;

    before(async () => {
      const { podman, scratch } = world();
      const context = scratch.at("multi-context");
      for (const platform of PLATFORMS) {
        await writeSmallContext(context, { text: platform });
        const flags = ["--layers", `--platform=${platform}`, "--manifest=localhost/multi:1"];
        await podman.buildah("bud", ...flags, context);
      }
      const flags = ["--all", "--tls-verify=false"];
      await podman.buildah("manifest", "push", ...flags, "localhost/multi:1", source("1"));
    });

    test("what buildah manifest push sent is what skopeo reads, and copies with --all", async () => {
      const { platforms, raw } = await inspect("1");
      assert.deepEqual(platforms, PLATFORMS);
      await world().skopeo("copy", "--quiet", "--all", source("1"), source("2"));
      assert.equal((await inspect("2")).raw, raw);
      const digest = createHash("sha256").update(raw).digest("hex");
      const from = `docker://${world().image("team/multi")}@sha256:${digest}`;
      const to = `dir:${world().scratch.at("multi-dir")}`;
      await world().skopeo("copy", "--quiet", "--all", "--preserve-digests", from, to);
    });

    test("the tag .squash is an index of images with one layer each", async () => {
      const { platforms, index } = await inspect("1.squash");
      assert.deepEqual(platforms, PLATFORMS);
      assert.equal(index.mediaType, "application/vnd.oci.image.index.v1+json");
      const layout = `oci:${world().scratch.at("multi-squashed")}:1`;
      await world().skopeo(
        "copy",
        "--quiet",
        "--all",
        "--preserve-digests",
        source("1.squash"),
        layout,
      );
      for (const { digest } of index.manifests) {
        const name = `docker://${world().image("team/multi")}@${digest}`;
        const manifest = JSON.parse(await world().skopeo("inspect", "--raw", name)) as {
          layers: unknown[];
        };
        assert.equal(manifest.layers.length, 1);
      }
    });

    for (const platform of PLATFORMS) {
      test(`${platform}: podman pull --platform and ?platform= give the same image`, async () => {
        const { podman, server, alice } = world();
        const image = world().image("team/multi:1.squash");
        await podman.run("pull", "--quiet", `--platform=${platform}`, image);
        const format = "--format={{.Os}}/{{.Architecture}}";
        assert.equal((await podman.run("image", "inspect", format, image)).trim(), platform);
        const pulled = await podman.imageId(image);
        await podman.run("image", "rm", "--force", pulled);
        const url = `${server.urlFor(alice)}/c1/squash/team/multi/1?platform=${platform}`;
        await shell(`curl -sSf "$1" | ${podman.commandLine("load")}`, [url], podman);
        assert.equal(await podman.imageId(image), pulled);
        assert.equal(await textIn(image), platform);
        await podman.run("image", "rm", "--force", pulled);
      });
    }

    test(
      "docker takes the image of its platform",
      { skip: missing(...Docker.commands) },
      async () => {
        const docker = await world().docker();
        const { server, alice } = world();
        await docker.login(server.host, alice);
        const image = world().image("team/multi:1.squash");
        await docker.run("pull", "--quiet", image);
        const pulled = await docker.imageId(image);
        await docker.run("image", "rm", image);
        const architecture = (await docker.run("version", "--format={{.Server.Arch}}")).trim();
        const url = `${server.urlFor(alice)}/c1/squash/team/multi/1?platform=linux/${architecture}`;
        await shell(`curl -sSf "$1" | docker load`, [url], docker);
        assert.equal(await docker.imageId(image), pulled);
        await docker.run("image", "rm", image);
      },
    );

    test("an archive in the OCI format has all platforms", async () => {
      const { server, alice, scratch } = world();
      const file = scratch.at("multi.tar");
      await curl("--output", file, `${server.urlFor(alice)}/c1/archive/team/multi/1?format=oci`);
      await world().skopeo(
        "copy",
        "--quiet",
        "--all",
        "--preserve-digests",
        `oci-archive:${file}`,
        source("3"),
      );
      assert.equal((await inspect("3")).raw, (await inspect("1")).raw);
    });

    async function inspect(
      tag: string,
    ): Promise<{ index: Index; platforms: readonly string[]; raw: string }> {
      const raw = await world().skopeo("inspect", "--raw", source(tag));
      const index = JSON.parse(raw) as Index;
      const platforms = index.manifests.map(
        ({ platform: { os, architecture } }) => `${os}/${architecture}`,
      );
      return { index, platforms: platforms.toSorted(), raw };
    }

    /** What tells the images apart. */
    async function textIn(image: string): Promise<string> {
      await using mount = await world().podman.mount(image);
      return await run("cat", [`${mount.path}/data/text`]);
    }
  },
};
