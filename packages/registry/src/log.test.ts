import assert from "node:assert/strict";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import type { LogConfig } from "./config/config.ts";
import { openLog } from "./log.ts";
import type { LogFields, Logger } from "./log.ts";

test("a JSON line has time, level, the fields of all parents, and the message", async () => {
  const [line = ""] = await logged("json", (log) => {
    log.child({ request: "r1" }).child({ subsystem: "squash" }).info("made", { bytes: 12 });
  });
  const { time, ...rest } = JSON.parse(line);
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(rest, {
    level: "info",
    request: "r1",
    subsystem: "squash",
    bytes: 12,
    msg: "made",
  });
});

test("what lies below the level is not written", async () => {
  const lines = await logged("json", (log) => {
    log.debug("small talk");
    log.warn("trouble");
    assert.equal(log.isEnabled("debug"), false);
    assert.equal(log.isEnabled("error"), true);
  });
  assert.equal(lines.length, 1);
});

test("everything is written when the log is closed, in order", async () => {
  const lines = await logged("json", (log) => {
    for (let index = 0; index < 5000; index += 1) log.info("line", { index });
  });
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).index),
    Array.from({ length: 5000 }, (_, index) => index),
  );
});

test("no secret reaches the log, however it comes", async () => {
  const secret = "hunter2";
  // What the type forbids, a caller may pass all the same.
  const headers = { authorization: `Basic ${secret}`, cookie: secret } as unknown as string;
  const fields: LogFields = {
    url: `https://user:${secret}@host/v2/auth?service=x&refresh_token=${secret}&n=1`,
    path: `/c1/squash/a/b?to%6ben=${secret}`,
    note: `see http://x:${secret}@host/ or /v2/?access_token=${secret}`,
    password: secret,
    adminPassword: secret,
    Authorization: secret,
    setCookie: secret,
    headers,
    error: new Error(`GET https://a:${secret}@b/?X-Amz-Signature=${secret}`, {
      cause: Object.assign(new Error(`?token=${secret}`), { config: { token: secret } }),
    }),
  };
  for (const format of ["json", "text"] as const) {
    const lines = await logged(format, (log) => {
      log.error(`cannot reach postgres://u:${secret}@db/wharf`, fields);
      log.child(fields).info("child");
    });
    const text = lines.join("\n");
    assert.ok(!text.includes(secret), text);
    assert.ok(text.includes("n=1"), "what is harmless stays");
  }
});

test("an error comes with its code, stack and causes", async () => {
  const [line = ""] = await logged("json", (log) => {
    const cause = Object.assign(new Error("disk"), { code: "ENOSPC" });
    log.error("failed", { error: new TypeError("no room", { cause }) });
  });
  const { error } = JSON.parse(line);
  assert.equal(error.name, "TypeError");
  assert.equal(error.message, "no room");
  assert.match(error.stack, /log\.test\.ts/);
  assert.equal(error.cause.code, "ENOSPC");
});

test("nobody can forge a line in the text format", async () => {
  const lines = await logged("text", (log) => {
    log.info("push\n2026-01-01 error  forged", { tag: "a b\u001b[31m\r\nx", count: 3 });
  });
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? "",
    /Z info {2}push\\u000a2026-01-01 error {2}forged tag="a b\\\\u001b\[31m\\\\u000d\\\\u000ax" count=3$/,
  );
});

/** The lines that a log writes. */
async function logged(format: LogConfig["format"], work: (log: Logger) => void): Promise<string[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-log-"));
  const path = join(folder.path, "log");
  {
    await using log = openLog({ level: "info", format }, path);
    work(log);
  }
  return (await readFile(path, "utf8")).trimEnd().split("\n");
}
