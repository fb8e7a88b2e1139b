import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import {
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { after, before, beforeEach, suite, test } from "node:test";

import { BASE_COMMANDS } from "./base-image.ts";
import { changedLayout } from "./changed-layout.ts";
import { ending, run, shell } from "./command.ts";
import { missing } from "./missing.ts";
import { Scratch } from "./scratch.ts";
import { WHARF } from "./wharf.ts";

const EXIT = { failure: 1, refused: 3, interrupted: 130, terminated: 143 };

suite(
  "when squashing fails, nothing is left behind",
  { skip: missing("skopeo", "umoci", ...BASE_COMMANDS) },
  () => {
    const resources = new AsyncDisposableStack();
    let scratch: Scratch;
    let layout: string;
    /** The same image in a file. */
    let archive: string;
    /** Folders for temporary files and for the result; both have to be empty in the end. */
    let tmp: string;
    let out: string;

    before(async () => {
      layout = await changedLayout();
      scratch = resources.use(await Scratch.create());
      archive = scratch.at("archive.tar");
      await run("skopeo", [
        "copy",
        "--quiet",
        `oci:${layout}:4-replace`,
        `docker-archive:${archive}:app:1`,
      ]);
    });
    beforeEach(async () => {
      const name = `case-${process.hrtime.bigint()}`;
      tmp = scratch.at(name, "tmp");
      out = scratch.at(name, "out");
      await mkdir(tmp, { recursive: true });
      await mkdir(out);
    });
    after(() => resources.disposeAsync());

    for (const [signal, code] of [
      ["SIGINT", EXIT.interrupted],
      ["SIGTERM", EXIT.terminated],
    ] as const) {
      test(`${signal} while a pipe is read`, async () => {
        const child = start(["-o", `${out}/squashed.tar`], "pipe");
        const half = (await readFile(archive)).subarray(0, (await stat(archive)).size / 2);
        // The write is complete when the command has taken all of it but what fits into the pipe.
        await new Promise((resolve) => child.stdin?.write(half, resolve));
        assert.equal(await endAfter(child, signal), code);
        await assertEmpty();
      });

      test(`${signal} while a file is written`, async () => {
        const child = start(["-i", archive, "-o", `${out}/squashed.tar`]);
        await firstChange(out, child);
        assert.equal(await endAfter(child, signal), code);
        await assertEmpty();
      });

      test(`${signal} while a folder is written`, async () => {
        const child = start([
          "-i",
          archive,
          "-from",
          "scratch",
          "-compression",
          "gzip:9",
          "-format",
          "oci",
          "-o",
          `${out}/squashed`,
        ]);
        await firstChange(out, child);
        assert.equal(await endAfter(child, signal), code);
        await assertEmpty();
      });
    }

    test("a truncated file is refused", async () => {
      const cut = scratch.at("cut.tar");
      await copyFile(archive, cut);
      await truncate(cut, 30_000_000);
      await refused(["-i", cut, "-o", `${out}/squashed.tar`]);
    });

    test("a truncated pipe is refused", async () => {
      const line = `head -c 30000000 "$1" | node "$2" squash --tmp-dir "$3" -o "$4"; exit "\${PIPESTATUS[1]}"`;
      const { code, stderr } = await ending("bash", [
        "-c",
        line,
        "bash",
        archive,
        WHARF,
        tmp,
        `${out}/squashed.tar`,
      ]);
      assert.equal(code, EXIT.refused, stderr);
      await assertEmpty();
    });

    test("an empty pipe is refused", async () => {
      await refused(["-o", `${out}/squashed.tar`]);
    });

    test("one wrong byte in a layer is refused, and the error names the layer", async () => {
      const damaged = scratch.at("damaged.tar");
      await copyFile(archive, damaged);
      await flipByte(damaged, 30_000_000);
      assert.match(await refused(["-i", damaged, "-o", `${out}/squashed.tar`]), /layer \d/);
    });

    test("one wrong byte in a gzip layer of a layout is refused", async () => {
      const damaged = scratch.at("damaged");
      await shell(`cp -r "$1" "$2"`, [layout, damaged]);
      const largest = await shell(`ls -S "$1"/blobs/sha256 | head -n 1`, [damaged]).catch(() => "");
      await flipByte(`${damaged}/blobs/sha256/${largest.trim()}`, 10_000_000);
      await refused([`oci:${damaged}:4-replace`, "-o", `${out}/squashed.tar`]);
    });

    test("a result that was there before stays as it was", async () => {
      const damaged = scratch.at("damaged-again.tar");
      await copyFile(archive, damaged);
      await flipByte(damaged, 30_000_000);
      await writeFile(`${out}/squashed.tar`, "precious");
      const { code } = await squash(["-i", damaged, "-o", `${out}/squashed.tar`]);
      assert.equal(code, EXIT.refused);
      assert.deepEqual(await readdir(out), ["squashed.tar"]);
      assert.equal(await readFile(`${out}/squashed.tar`, "utf8"), "precious");
    });

    test("a full disk", async () => {
      await run("mount", ["--types", "tmpfs", "--options", "size=10m", "tmpfs", out]);
      const { code, stderr } = await squash(["-i", archive, "-o", `${out}/squashed.tar`]);
      assert.equal(code, EXIT.failure, stderr);
      assert.match(stderr, /space/);
      await assertEmpty();
    });

    test("a reader that goes away", async () => {
      const line = `node "$1" squash -i "$2" --tmp-dir "$3" | head -c 100000 >/dev/null; exit "\${PIPESTATUS[0]}"`;
      const { code, stderr } = await ending("bash", ["-c", line, "bash", WHARF, archive, tmp]);
      assert.notEqual(code, 0);
      assert.doesNotMatch(stderr, /^ +at /m, "a stack trace is nothing for a user");
      await assertEmpty();
    });

    async function refused(args: readonly string[]): Promise<string> {
      const { code, stdout, stderr } = await squash(args);
      assert.equal(code, EXIT.refused, stderr);
      assert.equal(stdout, "");
      await assertEmpty();
      return stderr;
    }

    function squash(args: readonly string[]): ReturnType<typeof ending> {
      return ending("node", [WHARF, "squash", "--tmp-dir", tmp, ...args]);
    }

    function start(args: readonly string[], stdin: "pipe" | "ignore" = "ignore"): ChildProcess {
      return spawn("node", [WHARF, "squash", "--tmp-dir", tmp, ...args], {
        stdio: [stdin, "ignore", "ignore"],
      });
    }

    async function assertEmpty(): Promise<void> {
      assert.deepEqual(await readdir(out), []);
      assert.deepEqual(await readdir(tmp), []);
    }
  },
);

async function endAfter(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, "exit");
  if (child.exitCode === null && child.kill(signal)) await exit;
  return child.exitCode;
}

/** Waits until something appears in a folder, or until the process that should write there has ended. */
async function firstChange(folder: string, child: ChildProcess): Promise<void> {
  const watcher = watch(folder);
  try {
    const changed = once(watcher, "change");
    if ((await readdir(folder)).length === 0) await Promise.race([changed, once(child, "exit")]);
  } finally {
    watcher.close();
  }
}

async function flipByte(path: string, position: number): Promise<void> {
  await using file = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, position);
  byte.writeUInt8(byte.readUInt8() ^ 0xff);
  await file.write(byte, 0, 1, position);
}
