import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { before, test } from "node:test";

import { curl, curlStatus } from "../../clients/curl.ts";
import { run, shell } from "../../command.ts";
import { BlobUpload } from "../blob-upload.ts";
import type { Scenario } from "../scenario.ts";

const MB = 1_000_000;

export const INTERRUPTION: Scenario = {
  title: "kill -9 and stop in the middle",
  commands: [],
  declare: (world) => {
    let url: string;
    let whole: string;

    before(async () => {
      const { server, alice, scratch } = world();
      await world().pushApp("team/broken/app:1");
      url = `${server.urlFor(alice)}/c1/squash/team/broken/app/1`;
      whole = scratch.at("broken-whole.tar");
      await curl("--output", whole, url);
    });

    test("an upload goes on where it was when the server was killed", async () => {
      const { server, alice } = world();
      const content = randomBytes(15 * MB);
      const upload = await BlobUpload.begin(server, alice, "team/broken/upload");
      await upload.append(content.subarray(0, 6 * MB), 0);
      const broken = await upload.beginToAppend(content.subarray(6 * MB, 10 * MB), 6 * MB, 9 * MB);
      await server.end("SIGKILL");
      broken.destroy();
      await server.startAgain();
      const offset = await upload.offset();
      assert.ok(offset >= 6 * MB && offset <= 10 * MB, `${offset}`);
      await upload.append(content.subarray(offset, 12 * MB), offset);
      await upload.append(content.subarray(12 * MB), 12 * MB);
      const digest = await upload.finish(content);
      const blob = `${server.urlFor(alice)}/v2/team/broken/upload/blobs/${digest}`;
      assert.equal(
        await shell(`curl -sSf "$1" | sha256sum | cut -d' ' -f1`, [blob]),
        `${digest.slice(7)}\n`,
      );
    });

    test("a chunk that the client broke off is continued", async () => {
      const { server, alice } = world();
      const content = randomBytes(8 * MB);
      const upload = await BlobUpload.begin(server, alice, "team/broken/upload");
      const broken = await upload.beginToAppend(content.subarray(0, 5 * MB), 0, 8 * MB);
      broken.destroy();
      // What came before the break is kept as soon as the registry has noticed it.
      let offset = 0;
      while (offset === 0) offset = await upload.offset();
      await upload.append(content.subarray(offset), offset);
      await upload.finish(content);
    });

    test("a download goes on where it was when the server was killed", async () => {
      const { server, scratch } = world();
      const part = scratch.at("broken-kill.tar");
      const download = slowDownload(part);
      await grown(part);
      await server.end("SIGKILL");
      assert.notEqual(await download, 0);
      assert.ok((await stat(part)).size < (await stat(whole)).size);
      await server.startAgain();
      await curl("--continue-at", "-", "--output", part, url);
      await run("cmp", [whole, part]);
    });

    test("a server that is stopped lets a download end, and takes nothing new", async () => {
      const { server, scratch } = world();
      const part = scratch.at("broken-stop.tar");
      const download = slowDownload(part);
      await grown(part);
      const end = server.end("SIGTERM");
      const refused = await refusedAtLast(server.url);
      assert.ok(refused);
      assert.equal(await download, 0);
      assert.equal(await end, 0);
      await run("cmp", [whole, part]);
      await server.startAgain();
      assert.equal(await curlStatus("--head", url), 200);
    });

    /** Takes some seconds. @returns the exit code */
    async function slowDownload(file: string): Promise<number | null> {
      const child = spawn("curl", ["-sSf", "--limit-rate", "25M", "--output", file, url], {
        stdio: "ignore",
      });
      await once(child, "exit");
      return child.exitCode;
    }

    /** Waits until a download is under way. */
    async function grown(file: string): Promise<void> {
      await shell(`timeout 20 bash -c 'until [ -s "$1" ]; do sleep 0.02; done' bash "$1"`, [file]);
    }

    /** Whether a server that was told to stop refuses to be asked. */
    async function refusedAtLast(origin: string): Promise<boolean> {
      for (;;) {
        const status = await curlStatus(`${origin}/readyz`).catch(() => "refused");
        if (status === "refused" || status === 503) return true;
      }
    }
  },
};
