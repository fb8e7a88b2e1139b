import assert from "node:assert/strict";
import { before, test } from "node:test";

import { run, shell } from "../../command.ts";
import type { Scenario } from "../scenario.ts";
import { writeSmallContext } from "../small-image.ts";

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly mediaType: string }[];
}

/** Labels of the job that a push makes, when it has ended well. */
const AFTER_PUSH = 'kind="manifest.index",result="done"';

export const VIRTUAL_TAGS: Scenario = {
  title: "the tag .squash",
  commands: [],
  declare: (world) => {
    const name = (tag: string): string => `docker://${world().image(`team/virtual:${tag}`)}`;

    before(async () => {
      for (const text of ["one", "two"]) await build(text);
      await push("one", name("1"));
    });

    test("is not listed, and serves the image in one layer with the same configuration", async () => {
      const listed = JSON.parse(await world().skopeo("list-tags", name("1").slice(0, -2))) as {
        Tags: string[];
      };
      assert.deepEqual(listed.Tags, ["1"]);
      assert.equal((await manifestOf("1")).layers.length, 2);
      const squashed = await manifestOf("1.squash");
      assert.equal(squashed.layers.length, 1);
      const config = async (tag: string): Promise<unknown> =>
        (JSON.parse(await world().skopeo("inspect", "--config", name(tag))) as { config: unknown })
          .config;
      assert.deepEqual(await config("1.squash"), await config("1"));
      await assert.rejects(manifestOf("2.squash"), /manifest unknown/);
      await assert.rejects(manifestOf("1.squash.squash"), /manifest unknown/);
    });

    test("can be copied to another registry's folder, every digest checked, and back under a name of its own", async () => {
      const layout = `oci:${world().scratch.at("virtual")}:1`;
      await world().skopeo("copy", "--quiet", "--preserve-digests", name("1.squash"), layout);
      await world().skopeo("copy", "--quiet", "--preserve-digests", layout, name("small"));
      assert.deepEqual(await manifestOf("small"), await manifestOf("1.squash"));
      await world().skopeo(
        "copy",
        "--quiet",
        name("1.squash"),
        `docker://${world().image("team/virtual-copy:1")}`,
      );
    });

    test("follows its source, and a tag of that very name wins", async () => {
      const first = await manifestOf("1.squash");
      await push("two", name("1"));
      const second = await manifestOf("1.squash");
      assert.notDeepEqual(second, first);
      await push("one", name("1.squash"));
      assert.equal((await manifestOf("1.squash")).layers.length, 2);
      const { server, alice } = world();
      const loaded = await shell(
        `curl -sSf "$1" | tar --extract --to-stdout --file - manifest.json`,
        [`${server.urlFor(alice)}/c1/squash/team/virtual/1.squash`],
      );
      assert.match(loaded, /1\.squash\.squash"/);
    });

    for (const compression of ["gzip", "zstd", "none"]) {
      test(`is pulled with ${compression} when the repository wants that`, async () => {
        const { server, podman } = world();
        const flags = ["--squash-compression", compression];
        await push("two", `docker://${world().image("team/virtual-layers:1")}`);
        await server.wharfAdmin("repository", "change", "team/virtual-layers", ...flags);
        const image = world().image("team/virtual-layers:1.squash");
        const raw = await world().skopeo("inspect", "--raw", `docker://${image}`);
        const suffix = compression === "none" ? "" : `+${compression}`;
        assert.ok(raw.includes(`"application/vnd.oci.image.layer.v1.tar${suffix}"`), raw);
        await podman.run("pull", "--quiet", image);
        await using mount = await podman.mount(image);
        assert.equal(await run("cat", [`${mount.path}/data/text`]), "two");
      });
    }

    test("made at push: the first download finds it ready", async () => {
      const { server, alice } = world();
      await push("one", `docker://${world().image("team/primed:0")}`);
      await server.wharfAdmin("repository", "change", "team/primed", "--squash-at-push", "yes");
      const before = await metric("wharf_jobs_total", AFTER_PUSH);
      await world().pushApp("team/primed:1");
      const made = await ready(before);
      const misses = await metric("wharf_squash_requests_total", 'cache="miss"');
      const hits = await metric("wharf_squash_requests_total", 'cache="hit"');
      await shell(`curl -sSf "$1" >/dev/null`, [`${server.urlFor(alice)}/c1/squash/team/primed/1`]);
      await world().skopeo(
        "copy",
        "--quiet",
        `docker://${world().image("team/primed:1.squash")}`,
        `dir:${world().scratch.at("primed")}`,
      );
      assert.equal(await metric("wharf_squash_requests_total", 'cache="miss"'), misses);
      assert.ok((await metric("wharf_squash_requests_total", 'cache="hit"')) > hits);
      assert.equal(await metric("wharf_squash_made_total", 'result="done"'), made);
    });

    /** Waits until the job of the push is done, and nothing else is. @returns how many layers were made */
    async function ready(before: number): Promise<number> {
      for (;;) {
        const made = await metric("wharf_squash_made_total", 'result="done"');
        const jobs = await metric("wharf_jobs_waiting", "");
        const done = await metric("wharf_jobs_total", 'result="done"');
        await shell("sleep 0.3");
        const isQuiet =
          jobs === 0 &&
          (await metric("wharf_jobs_total", 'result="done"')) === done &&
          (await metric("wharf_squash_made_total", 'result="done"')) === made;
        if (isQuiet && (await metric("wharf_jobs_total", AFTER_PUSH)) > before) return made;
      }
    }

    /** The sum of the series with that label. */
    async function metric(metricName: string, label: string): Promise<number> {
      const text = await run("curl", ["-sSf", `${world().server.url}/metrics`]);
      return text
        .split("\n")
        .filter((line) => line.startsWith(metricName) && line.includes(label))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    }

    async function build(text: string): Promise<void> {
      const { podman, scratch } = world();
      const context = scratch.at("virtual-context");
      await writeSmallContext(context, { text });
      await podman.buildah("bud", "--layers", `--tag=localhost/virtual:${text}`, context);
    }

    async function push(text: string, to: string): Promise<void> {
      await world().podman.buildah(
        "push",
        "--quiet",
        "--format=oci",
        `localhost/virtual:${text}`,
        to,
      );
    }

    async function manifestOf(tag: string): Promise<Manifest> {
      return JSON.parse(await world().skopeo("inspect", "--raw", name(tag))) as Manifest;
    }
  },
};
