import assert from "node:assert/strict";
import { before, test } from "node:test";

import { run } from "../../command.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

/** What `skopeo inspect` prints, as far as it is looked at. */
interface Inspected {
  readonly Digest: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

export const SKOPEO: Scenario = {
  title: "skopeo",
  commands: [],
  declare: (world) => {
    let source: string;

    before(async () => {
      const { scratch, podman } = world();
      await writeSmallContext(scratch.at("context"), { text: "for skopeo" });
      await podman.buildah("bud", "--layers", "--tag=localhost/skopeo:1", scratch.at("context"));
      source = `oci:${scratch.at("skopeo")}:1`;
      await podman.buildah("push", "--quiet", "localhost/skopeo:1", source);
    });

    for (const [title, flags, mediaType] of [
      ["OCI with gzip layers", ["--format=oci"], "application/vnd.oci.image.manifest.v1+json"],
      [
        "OCI with zstd layers",
        ["--format=oci", "--dest-compress-format=zstd", "--dest-compress"],
        "application/vnd.oci.image.manifest.v1+json",
      ],
      [
        "Docker's schema 2",
        ["--format=v2s2"],
        "application/vnd.docker.distribution.manifest.v2+json",
      ],
    ] as const) {
      test(`pushes ${title}, and what it pulls is what it pushed`, async () => {
        const { image, skopeo, scratch } = bound();
        const name = `docker://${image(`team/skopeo-${mediaType.length}${flags.length}:1`)}`;
        const file = scratch.at("digest");
        await skopeo("copy", "--quiet", ...flags, `--digestfile=${file}`, source, name);
        const digest = (await run("cat", [file])).trim();
        const raw = await skopeo("inspect", "--raw", name);
        const manifest = JSON.parse(raw) as { mediaType?: string };
        assert.equal(manifest.mediaType, mediaType);
        const folder = `dir:${scratch.at(`pulled-${flags.length}-${mediaType.length}`)}`;
        await skopeo("copy", "--quiet", "--preserve-digests", name, folder);
        assert.equal(await skopeo("inspect", "--raw", folder), raw);
        const inspected = JSON.parse(await skopeo("inspect", name)) as Inspected;
        assert.equal(inspected.Digest, digest);
        assert.deepEqual(inspected.Labels["org.example.kept"], "yes");
        assert.equal(await skopeo("inspect", "--raw", `${name.replace(/:1$/, "")}@${digest}`), raw);
      });
    }

    test("copies inside the registry without a layer being sent, and lists tags", async () => {
      const { image, skopeo } = bound();
      const from = `docker://${image("team/copied/from:1")}`;
      await skopeo("copy", "--quiet", source, from);
      const bytes = await world().storedBytes();
      for (const tag of ["1", "2.0-rc_1", "latest"]) {
        await skopeo("copy", "--quiet", from, `docker://${image("team/copied/deep/er/to")}:${tag}`);
      }
      assert.equal(await world().storedBytes(), bytes);
      const listed = await skopeo("list-tags", `docker://${image("team/copied/deep/er/to")}`);
      const { Tags: tags } = JSON.parse(listed) as { Tags: string[] };
      assert.deepEqual(tags, ["1", "2.0-rc_1", "latest"]);
    });

    test("deletes an image with all its tags; others stay", async () => {
      const { image, skopeo } = bound();
      const name = `docker://${image("team/deleted")}`;
      await skopeo("copy", "--quiet", source, `${name}:1`);
      await skopeo("copy", "--quiet", `${name}:1`, `${name}:again`);
      await skopeo("copy", "--quiet", "--format=v2s2", source, `${name}:other`);
      await skopeo("delete", `${name}:1`);
      for (const tag of ["1", "again"]) {
        await assert.rejects(skopeo("inspect", `${name}:${tag}`), /manifest unknown/);
      }
      const listed = await skopeo("list-tags", name);
      assert.deepEqual((JSON.parse(listed) as { Tags: string[] }).Tags, ["other"]);
    });

    test("syncs a whole repository into a folder", async () => {
      const { image, skopeo, scratch } = bound();
      const name = image("team/synced");
      for (const tag of ["a", "b"])
        await skopeo("copy", "--quiet", source, `docker://${name}:${tag}`);
      const flags = ["--src=docker", "--dest=dir", "--scoped"];
      await skopeo("sync", ...flags, name, scratch.at("synced"));
      for (const tag of ["a", "b"]) {
        await skopeo("inspect", `dir:${scratch.at("synced")}/${name}:${tag}`);
      }
    });

    function bound(): Pick<ReturnType<typeof world>, "image" | "skopeo" | "scratch"> {
      const { scratch } = world();
      return {
        scratch,
        image: (name) => world().image(name),
        skopeo: (...args) => world().skopeo(...args),
      };
    }
  },
};
