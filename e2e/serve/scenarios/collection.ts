import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { before, test } from "node:test";

import { curlStatus } from "../../clients/curl.ts";
import { shell } from "../../command.ts";
import type { Scenario } from "../scenario.ts";

/** What `wharf admin gc --json` tells, as far as it is looked at. */
interface Report {
  readonly report: {
    readonly dryRun: boolean;
    readonly complete: boolean;
    readonly bytes: number;
    readonly taken: Readonly<Record<string, { readonly count: number; readonly bytes: number }>>;
    readonly errors: { readonly count: number };
  };
}

/** Bytes in the layer of each image; nothing compresses them. */
const BYTES = 5_000_000;

export const COLLECTION: Scenario = {
  title: "deletes and collection",
  commands: [],
  declare: (world) => {
    const image = (name: string): string => `docker://${world().image(`team/garbage/${name}`)}`;

    before(async () => {
      for (const name of ["by-tag", "by-digest", "stays"]) {
        await build(name);
        await world().podman.buildah("push", "--quiet", `localhost/garbage:${name}`, image(`${name}:1`));
      }
      await world().skopeo("copy", "--quiet", image("stays:1"), image("by-tag:other"));
    });

    test("a tag is deleted, and the image stays under the other", async () => {
      const { server, alice } = world();
      await world().skopeo("copy", "--quiet", image("by-tag:1"), image("by-tag:2"));
      const tags = `${server.urlFor(alice)}/v2/team/garbage/by-tag/manifests`;
      assert.equal(await curlStatus("--request", "DELETE", `${tags}/1`), 202);
      assert.equal(await curlStatus("--request", "DELETE", `${tags}/1`), 404);
      await assert.rejects(world().skopeo("inspect", image("by-tag:1")), /manifest unknown/);
      await world().skopeo("inspect", image("by-tag:2"));
      assert.equal(await curlStatus("--request", "DELETE", `${tags}/2`), 202);
    });

    test("an image is deleted by its digest", async () => {
      await world().skopeo("delete", image("by-digest:1"));
      await assert.rejects(world().skopeo("inspect", image("by-digest:1")), /manifest unknown/);
    });

    test("collection gives their bytes back once nobody can be pushing any more, and nothing else", async () => {
      const before = await world().storedBytes();
      const dry = await collected("--dry-run");
      assert.equal(await world().storedBytes(), before);
      // Blobs are kept for a minute after they were last touched: somebody could be about to push their manifest.
      let freed = 0;
      while (freed < 2 * BYTES) {
        const { report } = await collected();
        assert.equal(report.errors.count, 0);
        assert.ok(report.complete);
        freed = before - (await world().storedBytes());
        if (freed < 2 * BYTES) await shell("sleep 1");
      }
      assert.ok(dry.report.dryRun);
      const folder = `dir:${world().scratch.at("garbage-stays")}`;
      await world().skopeo("copy", "--quiet", image("stays:1"), folder);
      await world().skopeo("copy", "--quiet", image("by-tag:other"), folder);
      const after = await world().storedBytes();
      assert.equal((await collected()).report.bytes, 0);
      assert.equal(await world().storedBytes(), after);
    });

    test("wharf admin repository delete, and what it had goes with it", async () => {
      const { server, alice } = world();
      await server.wharfAdmin("repository", "delete", "team/garbage/stays");
      await assert.rejects(world().skopeo("inspect", image("stays:1")), /name unknown|repository name not known|manifest unknown/);
      assert.equal(await curlStatus(`${server.urlFor(alice)}/v2/team/garbage/stays/tags/list`), 404);
      await world().skopeo("copy", "--quiet", image("by-tag:other"), `dir:${world().scratch.at("still")}`);
    });

    function collected(...flags: readonly string[]): Promise<Report> {
      return world().server.wharfAdminJson<Report>("gc", ...flags);
    }

    async function build(name: string): Promise<void> {
      const { podman, scratch } = world();
      const context = scratch.at(`garbage-${name}`);
      await mkdir(context);
      await writeFile(`${context}/bytes`, randomBytes(BYTES));
      await writeFile(`${context}/Dockerfile`, "FROM scratch\nCOPY bytes /bytes\n");
      await podman.buildah("bud", "--layers", `--tag=localhost/garbage:${name}`, context);
    }
  },
};
