import assert from "node:assert/strict";
import { test } from "node:test";

import type { TextStream } from "../command-context.ts";
import { progressBarLine, progressLogLine } from "./progress-line.ts";
import { ProgressMeter } from "./progress-meter.ts";
import { Progress, progressStyle } from "./progress.ts";

const MB = 1e6;

test("the line tells bytes, speed and time left", () => {
  const meter = new ProgressMeter(0);
  for (let second = 1; second <= 2; second++) meter.add(100 * MB, 676 * MB, second * 1000);
  const reading = meter.read(2000);
  assert.equal(
    progressBarLine("index", reading, 80),
    "reading      [####------------]   29 %   200 MB of 676 MB   100 MB/s  5 s left",
  );
  assert.equal(
    progressLogLine("index", reading),
    "reading 29 %, 200 MB of 676 MB, 100 MB/s, 5 s left",
  );
});

test("without a total there is no bar and no time left", () => {
  const meter = new ProgressMeter(0);
  meter.add(50 * MB, undefined, 1000);
  assert.equal(progressBarLine("spool", meter.read(1000), 80), "receiving    50.0 MB  50.0 MB/s");
});

test("a speed is told only when it is no guess", () => {
  const meter = new ProgressMeter(0);
  meter.add(50 * MB, 100 * MB, 100);
  assert.equal(meter.read(100).speed, undefined);
  assert.equal(meter.read(100).secondsLeft, undefined);
});

test("the speed is that of the last seconds", () => {
  const meter = new ProgressMeter(0);
  for (let at = 100; at <= 10_000; at += 100) meter.add(10 * MB, undefined, at);
  for (let at = 10_100; at <= 20_000; at += 100) meter.add(1 * MB, undefined, at);
  assert.equal(Math.round((meter.read(20_000).speed ?? 0) / MB), 10);
});

test("more bytes than promised never make more than 100 %", () => {
  const meter = new ProgressMeter(0);
  meter.add(200, 100, 1000);
  assert.equal(meter.read(1000).share, 1);
});

test("the line fits every terminal", () => {
  const meter = new ProgressMeter(0);
  for (let at = 1000; at < 10_000; at += 1000) meter.add(1.2345e12, 9.8765e15, at);
  for (let width = 20; width < 200; width++) {
    assert.ok(progressBarLine("download", meter.read(10_000), width).length < width, String(width));
  }
});

test("a terminal is redrawn at most ten times a second and left clean", () => {
  const terminal = new Recorder(80);
  let now = 0;
  const progress = new Progress(terminal, "bar", () => now);
  for (now = 0; now < 1000; now++)
    progress.onProgress({ phase: "index", bytes: 1000, total: 1_000_000 });
  assert.equal(terminal.writes.length, 10);
  for (const text of terminal.writes) assert.match(text, /^\r[^\r\n]{1,79}\u001b\[K$/);
  progress[Symbol.dispose]();
  assert.equal(terminal.writes.at(-1), "\r\u001b[K");
});

test("what is printed stands above the line", () => {
  const terminal = new Recorder(80);
  const progress = new Progress(terminal, "bar", () => 0);
  progress.onProgress({ phase: "index", bytes: 1, total: 2 });
  progress.print(["one", "two"]);
  assert.deepEqual(terminal.writes.slice(1), ["\r\u001b[K", "one\n", "two\n"]);
});

test("a log gets a line every five seconds and at the end of a phase", () => {
  const log = new Recorder(undefined);
  let now = 0;
  const progress = new Progress(log, "plain", () => now);
  for (now = 100; now <= 12_000; now += 100)
    progress.onProgress({ phase: "write", bytes: 1 * MB, total: 120 * MB });
  progress[Symbol.dispose]();
  assert.deepEqual(
    log.writes.map((line) => line.split(",")[0]),
    ["writing 41 %", "writing 83 %", "writing 100 %"],
  );
});

test("each image of several is counted anew", () => {
  const terminal = new Recorder(80);
  let now = 0;
  const progress = new Progress(terminal, "bar", () => now);
  progress.onProgress({ phase: "index", bytes: 100, total: 100 });
  progress.restart();
  now = 1000;
  progress.onProgress({ phase: "index", bytes: 50, total: 100 });
  assert.match(terminal.writes.at(-1) ?? "", / 50 % /);
});

test("none writes nothing", () => {
  const log = new Recorder(80);
  const progress = new Progress(log, "none");
  progress.onProgress({ phase: "index", bytes: 1, total: 1 });
  progress[Symbol.dispose]();
  assert.deepEqual(log.writes, []);
});

test("auto draws only on a terminal that can", () => {
  assert.equal(progressStyle("auto", new Recorder(80), { TERM: "xterm" }), "bar");
  assert.equal(progressStyle("auto", new Recorder(80), { TERM: "dumb" }), "plain");
  assert.equal(progressStyle("auto", new Recorder(undefined), { TERM: "xterm" }), "none");
  assert.equal(progressStyle("plain", new Recorder(undefined), {}), "plain");
});

/** A stream that keeps what is written to it; a terminal when it has columns. */
class Recorder implements TextStream {
  readonly writes: string[] = [];
  readonly isTTY: boolean;
  readonly columns: number | undefined;

  constructor(columns: number | undefined) {
    this.columns = columns;
    this.isTTY = columns !== undefined;
  }

  write(text: string): void {
    this.writes.push(text);
  }
}
