import assert from "node:assert/strict";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { suite, test } from "node:test";

import { addressOf, runModule } from "./testing/run-module.ts";

/** Writes `count` chunks of 1 MiB; an error is told by its code on standard error. */
function writer(count: number): string {
  return `
    import { standardOutput } from ${addressOf("standard-output.ts")};
    try {
      await standardOutput(async (sink) => {
        const chunk = Buffer.alloc(2 ** 20);
        for (let index = 0; index < ${count}; index++) await sink(chunk.fill(index));
      });
    } catch (error) {
      console.error(error.code, error.message);
    }`;
}

suite("standard output", () => {
  test("gets all bytes in order, and nothing else", async () => {
    const child = runModule(writer(20), ["ignore", "pipe", "inherit"]);
    const bytes = await buffer(streamOf(child.stdout));
    assert.equal(bytes.length, 20 * 2 ** 20);
    for (let index = 0; index < 20; index++) assert.equal(bytes[index * 2 ** 20], index);
  });

  test("whose reader has gone is an error, not a crash", { timeout: 30_000 }, async () => {
    const child = runModule(writer(1000), ["ignore", "pipe", "pipe"]);
    const told = text(streamOf(child.stderr));
    const output = streamOf(child.stdout);
    await once(output, "data");
    output.destroy();
    assert.equal(await told, "output the reader of standard output has gone\n");
  });
});

function streamOf(stream: Readable | null): Readable {
  if (stream === null) throw new Error("this stream is a pipe");
  return stream;
}
