import assert from "node:assert/strict";
import { test } from "node:test";

import { curlStatus } from "../../clients/curl.ts";
import { shell } from "../../command.ts";
import type { Scenario } from "../scenario.ts";
import { GARBAGE_BYTES, garbageImage } from "./deletes.ts";

/** What `wharf admin gc --json` tells, as far as it is looked at. */
interface Told {
  readonly report: { readonly dryRun: boolean; readonly bytes: number };
}

/** Of what the scenario of deletes has left. */
export const COLLECTION: Scenario = {
  title: "collection",
  commands: [],
  declare: (world) => {
    const image = (name: string): string => garbageImage(world(), name);

    test("a dry run tells what would go and takes nothing", async () => {
      const stored = await world().storedBytes();
      const { report } = await world().server.wharfAdminJson<Told>("gc", "--dry-run");
      assert.ok(report.dryRun);
      assert.equal(await world().storedBytes(), stored);
    });

    test("the bytes of deleted images come back, those of others stay", async () => {
      const { server, scratch } = world();
      const before = await world().storedBytes();
      const wanted = new Set([
        world().garbageLayers.get("by-tag"),
        world().garbageLayers.get("by-digest"),
      ]);
      while (wanted.size > 0) {
        const told = await server.wharfAdmin("gc", "--verbose");
        assert.doesNotMatch(told, /^error/m);
        for (const digest of wanted) if (told.includes(`blobs ${digest} `)) wanted.delete(digest);
        // Blobs are kept for a minute after they were last touched: somebody could be about to push their manifest.
        if (wanted.size > 0) await shell("sleep 1");
      }
      assert.ok(before - (await world().storedBytes()) >= 2 * GARBAGE_BYTES);
      for (const kept of ["stays:1", "by-tag:other", "stays:1.squash"]) {
        const folder = `dir:${scratch.at(`kept-${kept.replaceAll(/\W/g, "-")}`)}`;
        await world().skopeo("copy", "--quiet", image(kept), folder);
      }
      const repeated = await server.wharfAdmin("gc", "--verbose");
      for (const digest of world().garbageLayers.values())
        assert.ok(!repeated.includes(`blobs ${digest} `));
    });

    test("wharf admin repository delete, and others keep what they share with it", async () => {
      const { server, alice } = world();
      await server.wharfAdmin("repository", "delete", "team/garbage/stays");
      const tags = `${server.urlFor(alice)}/v2/team/garbage/stays/tags/list`;
      assert.equal(await curlStatus(tags), 404);
      await server.wharfAdmin("gc");
      const folder = `dir:${world().scratch.at("shared")}`;
      await world().skopeo("copy", "--quiet", image("by-tag:other"), folder);
    });
  },
};
