import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { before, test } from "node:test";

import { changedLayout } from "../../changed-layout.ts";
import { curl, curlHead, curlStatus } from "../../clients/curl.ts";
import { Docker } from "../../clients/docker.ts";
import { Umoci } from "../../clients/umoci.ts";
import { run, shell } from "../../command.ts";
import { imageTree } from "../../engine.ts";
import { missing } from "../../missing.ts";
import { treeDiff } from "../../tree-diff.ts";
import { readTree, type Tree } from "../../tree.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

/** What `skopeo inspect --config` prints, as far as it is looked at. */
interface Config {
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

export const DOWNLOAD: Scenario = {
  title: "downloads with curl",
  commands: ["tar", "zstd"],
  declare: (world) => {
    /** With alice's login, up to the repository. */
    let squash: string;
    let archive: string;
    let rootfs: string;
    /** The squashed image, downloaded in one go. */
    let whole: string;
    let digest: string;
    let tree: Tree;
    let layers: readonly string[];
    const scratch = (name: string): string => world().scratch.at(name);

    before(async () => {
      const { server, alice } = world();
      const url = server.urlFor(alice);
      squash = `${url}/c1/squash/team/download/app`;
      archive = `${url}/c1/archive/team/download/app`;
      rootfs = `${url}/c1/rootfs/team/download/app`;
      await world().pushApp("team/download/app:1");
      const name = `docker://${world().image("team/download/app:1")}`;
      digest = (await world().skopeo("inspect", "--format={{.Digest}}", name)).trim();
      layers = (JSON.parse(await world().skopeo("inspect", "--config", name)) as Config).rootfs
        .diff_ids;
      await using umoci = await Umoci.create();
      tree = await imageTree(umoci, `${await changedLayout()}:3-delete`);
      whole = scratch("whole.tar");
      await curl("--output", whole, `${squash}/1`);
    });

    test("HEAD tells of the download what GET does", async () => {
      const head = await curlHead(`${squash}/1`);
      assert.equal(head.get("content-length"), `${(await stat(whole)).size}`);
      assert.equal(head.get("content-type"), "application/x-tar");
      assert.equal(head.get("accept-ranges"), "bytes");
      assert.equal(head.get("docker-content-digest"), digest);
      assert.match(head.get("content-disposition") ?? "", /filename="app-1\.squash\.tar"/);
      await curl("--dump-header", scratch("headers"), "--output", "/dev/null", `${squash}/1`);
      const headers = await run("cat", [scratch("headers")]);
      assert.ok(headers.toLowerCase().includes(`etag: ${head.get("etag")}`));
      assert.ok(headers.toLowerCase().includes(`content-length: ${head.get("content-length")}`));
    });

    test("the same bytes by tag and digest, and after the cache was emptied", async () => {
      const { server } = world();
      // What comes after the layer has the name in it.
      await assertWhole(
        `${squash}@${digest}`,
        ["--range", "1000000-60999999"],
        1_000_000,
        60_000_000,
      );
      assert.equal(await server.end("SIGTERM"), 0);
      await run("rm", ["-r", `${server.dataFolder}/cache`]);
      await server.startAgain();
      await assertWhole(`${squash}/1`);
      await assertWhole(`${squash}/1`);
    });

    test("a download is cut off and continued with curl -C -", async () => {
      const part = scratch("cut.tar");
      await cut(`${squash}/1`, part, 7_654_321);
      await curl("--continue-at", "-", "--output", part, `${squash}/1`);
      await run("cmp", [whole, part]);
    });

    test("a download is cut off and continued while the image is being made, and others begin meanwhile", async () => {
      // Another config makes another image of the same layers, whose squashed layer nobody has asked for.
      const url = await pushVariant("cold");
      const part = scratch("cold-cut.tar");
      await cut(url, part, 300_000);
      const others = [1, 2, 3].map((number) =>
        curl("--output", scratch(`cold-${number}.tar`), url),
      );
      const end = curl("--range", "-100000", "--output", scratch("cold-end"), url);
      await curl("--continue-at", "-", "--output", part, url);
      await Promise.all([...others, end]);
      for (const number of [1, 2, 3]) await run("cmp", [part, scratch(`cold-${number}.tar`)]);
      await shell(`tail -c 100000 "$1" | cmp - "$2"`, [part, scratch("cold-end")]);
      // All layers are the same; but for config and name it is the image that was downloaded in one go.
      await run("tar", ["--list", "--file", part]);
      assert.equal((await stat(part)).size, Number((await curlHead(url)).get("content-length")));
    });

    test("ranges: one, the last bytes, and one beyond the end", async () => {
      await assertWhole(`${squash}/1`, ["--range", "512-1535"], 512, 1024);
      const size = (await stat(whole)).size;
      await assertWhole(`${squash}/1`, ["--range", "-1000"], size - 1000, 1000);
      await assertWhole(`${squash}/1`, ["--range", `${size - 1}-${size + 100}`], size - 1, 1);
      assert.equal(await curlStatus("--range", `${size}-`, `${squash}/1`), 416);
      const other = ["--header", 'If-Range: "other"', "--range", "0-9"];
      assert.equal(await curlStatus(...other, `${squash}/1`), 200);
    });

    test("what is there already is not sent again", async () => {
      const [etag, file] = [scratch("etag"), scratch("etag.tar")];
      await curl("--etag-save", etag, "--output", "/dev/null", `${squash}/1`);
      await curl("--etag-compare", etag, "--output", file, `${squash}/1`);
      assert.equal(
        await stat(file)
          .then(({ size }) => size)
          .catch(() => 0),
        0,
      );
      const same = ["--header", `If-None-Match: ${(await run("cat", [etag])).trim()}`];
      assert.equal(await curlStatus(...same, `${squash}/1`), 304);
      assert.equal(await curlStatus("--head", ...same, `${squash}/1`), 304);
      assert.equal(await curlStatus(...same, `${squash}/1?from=1`), 200);
      assert.equal(await curlStatus(...same, `${squash}/1?format=oci`), 200);
    });

    for (const compression of ["gzip", "zstd"]) {
      test(`compression=${compression}: fewer bytes, always the same, and the same image`, async () => {
        const file = scratch(`${compression}.tar`);
        const url = `${squash}/1?compression=${compression}`;
        await curl("--output", file, url);
        assert.ok((await stat(file)).size < 0.6 * (await stat(whole)).size);
        await shell(`curl -sSf "$1" | cmp - "$2"`, [url, file]);
        const config = await world().skopeo(
          "inspect",
          "--config",
          "--raw",
          `docker-archive:${file}`,
        );
        assert.equal(
          config,
          await world().skopeo("inspect", "--config", "--raw", `docker-archive:${whole}`),
        );
      });
    }

    test("podman takes each format in each compression", async () => {
      const { podman } = world();
      await writeSmallContext(scratch("download-context"), { text: "for downloads" });
      await podman.buildah("bud", "--layers", "--tag=localhost/d:1", scratch("download-context"));
      const image = world().image("team/download/small:1");
      await podman.buildah("push", "--quiet", "localhost/d:1", `docker://${image}`);
      const url = squash.replace(/app$/, "small");
      let id: string | undefined;
      for (const format of ["docker-archive", "oci"]) {
        for (const compression of ["none", "gzip", "zstd"]) {
          const query = `format=${format}&compression=${compression}`;
          await shell(
            `curl -sSf "$1" | ${podman.commandLine("load")}`,
            [`${url}/1?${query}`],
            podman,
          );
          assert.equal((await podman.layers(`${image}.squash`)).length, 1, query);
          id ??= await podman.imageId(`${image}.squash`);
          assert.equal(await podman.imageId(`${image}.squash`), id, query);
          await podman.run("image", "rm", "--force", id);
        }
      }
    });

    test("skopeo takes the OCI format, whose layer says how it is compressed", async () => {
      for (const compression of ["none", "gzip", "zstd"]) {
        const file = scratch(`oci-${compression}.tar`);
        const url = `${squash.replace(/app$/, "small")}/1?format=oci&compression=${compression}`;
        await curl("--output", file, url);
        const inspected = await world().skopeo("inspect", "--raw", `oci-archive:${file}`);
        const suffix = { none: "", gzip: "+gzip", zstd: "+zstd" }[compression] ?? "";
        assert.ok(
          inspected.includes(`"application/vnd.oci.image.layer.v1.tar${suffix}"`),
          inspected,
        );
        await world().skopeo("copy", "--quiet", `oci-archive:${file}`, `dir:${file}.dir`);
      }
    });

    test("from= a number, a layer's digest and a tag: those layers stay, the tree is the same", async () => {
      await world().skopeo(
        "copy",
        "--quiet",
        `oci:${await changedLayout()}:1-add`,
        `docker://${world().image("team/download/app:base")}`,
      );
      for (const [from, kept] of [
        ["1", 1],
        [layers[1] ?? "", 2],
        ["base", 2],
      ] as const) {
        const file = scratch(`from-${kept}-${from.length}.tar`);
        await curl("--output", file, `${squash}/1?from=${from}`);
        const { rootfs: root } = JSON.parse(
          await world().skopeo("inspect", "--config", `docker-archive:${file}`),
        ) as Config;
        assert.equal(root.diff_ids.length, kept + 1, from);
        assert.deepEqual(root.diff_ids.slice(0, kept), layers.slice(0, kept));
        if (from === "base") await assertTree(`docker-archive:${file}`);
      }
      assert.equal(await curlStatus(`${squash}/1?from=${layers.length + 1}`), 400);
      assert.equal(await curlStatus(`${squash}/1?from=absent`), 400);
    });

    test("rootfs | tar x: the files of the image, with owners, modes, links and attributes", async () => {
      const folder = scratch("rootfs");
      const flags = [
        "--xattrs",
        "--xattrs-include=*",
        "--numeric-owner",
        "--same-permissions",
        "--delay-directory-restore", // or times of directories are wrong unless a layer is sorted as tar sorts
      ];
      const line = `url=$1 folder=$2; shift 2; mkdir "$folder"; curl -sSf "$url" | tar --extract --directory "$folder" "$@"`;
      const unpackedSince = BigInt(Date.now()) * 1_000_000n;
      await shell(line, [`${rootfs}/1`, folder, ...flags]);
      assert.deepEqual(treeDiff(tree, await readTree(folder), { unpackedSince }), []);
      await shell(`curl -sSf "$1" | gunzip | cmp - <(curl -sSf "$2")`, [
        `${rootfs}/1?compression=gzip`,
        `${rootfs}/1`,
      ]);
      await shell(`curl -sSf "$1" | zstd -dc | cmp - <(curl -sSf "$2")`, [
        `${rootfs}/1?compression=zstd`,
        `${rootfs}/1`,
      ]);
    });

    test("an archive that is not squashed has all layers as they are", async () => {
      const file = scratch("archive.tar");
      await curl("--output", file, `${archive}/1`);
      const config = await world().skopeo("inspect", "--config", `docker-archive:${file}`);
      assert.deepEqual((JSON.parse(config) as Config).rootfs.diff_ids, layers);
      const oci = scratch("archive-oci.tar");
      await curl("--output", oci, `${archive}/1?format=oci`);
      const raw = await world().skopeo("inspect", "--raw", `oci-archive:${oci}`);
      assert.equal(
        raw,
        await world().skopeo(
          "inspect",
          "--raw",
          `docker://${world().image("team/download/app:1")}`,
        ),
      );
    });

    test(
      "an archive of several tags goes into Docker, continued after a cut",
      {
        skip: missing(...Docker.commands),
      },
      async () => {
        const docker = await world().docker();
        const file = scratch("several.tar");
        const url = `${archive}/1,base?compression=none`;
        await cut(url, file, 70_000_000);
        await curl("--continue-at", "-", "--output", file, url);
        const loaded = await docker.run("load", "--input", file);
        for (const tag of ["1", "base"]) {
          const image = world().image(`team/download/app:${tag}`);
          assert.ok(loaded.includes(`Loaded image: ${image}`));
          await world().skopeo("inspect", "--config", `docker-archive:${file}:${image}`);
          await docker.run("image", "rm", image);
        }
        const stored = scratch("several-stored.tar");
        await curl("--output", stored, `${archive}/1,base`);
        await docker.run("load", "--input", stored);
        assert.deepEqual(await docker.layers(world().image("team/download/app:1")), layers);
        await docker.run(
          "image",
          "rm",
          world().image("team/download/app:1"),
          world().image("team/download/app:base"),
        );
      },
    );

    /** Compares a download, or the part of it that is asked for, with the one that came in one go. */
    async function assertWhole(
      url: string,
      flags: readonly string[] = [],
      skip = 0,
      length?: number,
    ): Promise<void> {
      const bytes = length === undefined ? "" : `| head -c ${length}`;
      const line = `url=$1 file=$2 skip=$3; shift 3; cmp <(curl -sSf "$@" "$url") <(tail -c "+$((skip + 1))" "$file" ${bytes})`;
      await shell(line, [url, whole, `${skip}`, ...flags]);
    }

    /** A tree as umoci unpacks it. */
    async function assertTree(source: string): Promise<void> {
      await using umoci = await Umoci.create();
      const layout = scratch("tree-of");
      await run("skopeo", ["copy", "--quiet", source, `oci:${layout}:1`]);
      assert.deepEqual(treeDiff(tree, await imageTree(umoci, `${layout}:1`)), []);
    }

    /** Breaks a download off after some bytes, as a network does. */
    async function cut(url: string, file: string, bytes: number): Promise<void> {
      const line = `curl -sSf "$1" 2>/dev/null | head -c "$3" >"$2" || true`;
      await shell(line, [url, file, `${bytes}`]);
      assert.equal((await stat(file)).size, bytes);
    }

    /** @returns the URL of its squashed download */
    async function pushVariant(tag: string): Promise<string> {
      const layout = scratch(`variant-${tag}`);
      await run("cp", ["-r", await changedLayout(), layout]);
      const flags = ["--image", `${layout}:3-delete`, "--tag", tag];
      await run("umoci", ["config", ...flags, "--config.label", `org.example.variant=${tag}`]);
      const to = `docker://${world().image(`team/download/app:${tag}`)}`;
      await world().skopeo("copy", "--quiet", `oci:${layout}:${tag}`, to);
      return `${squash}/${tag}`;
    }
  },
};
