import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { UploadWriter } from "./blob-store.ts";
import { openBlobStore } from "./open-blob-store.ts";
import { collect } from "./testing/collect.ts";
import { everyBlobStore, TEST_PART } from "./testing/every-blob-store.ts";

const SEED = Number(process.env["WHARF_TEST_SEED"] ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env["WHARF_TEST_RUNS"] ?? 60);
/** A request costs more than a system call. */
const RUNS_ON_S3 = Math.ceil(RUNS / 6);

type Step =
  | { readonly type: "write"; readonly size: number }
  | { readonly type: "flush" | "reopen" | "reopen from start" | "read back and reopen" };

const size = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 20 }) },
  { weight: 3, arbitrary: fc.nat({ max: 200_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: TEST_PART - 2, max: TEST_PART + 2 }) },
  { weight: 1, arbitrary: fc.nat({ max: 2 * TEST_PART }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: size.map((size) => ({ type: "write", size }) as const) },
  { weight: 3, arbitrary: fc.constant({ type: "flush" } as const) },
  { weight: 2, arbitrary: fc.constant({ type: "reopen" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "read back and reopen" } as const) },
  { weight: 1, arbitrary: fc.constant({ type: "reopen from start" } as const) },
);

everyBlobStore((kind, openTestStore) => {
  test(`random uploads hold what the model holds (WHARF_TEST_SEED=${SEED})`, async () => {
    await using store = await openTestStore();
    let run = 0;
    const property = fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      await using other = await openBlobStore(store.options);
      const id = `run-${++run}`;
      let written: Buffer = Buffer.alloc(0);
      let flushed: { state: string; size: number } | undefined;
      let upload: UploadWriter = await store.openUpload(id, undefined);
      try {
        for (const [index, { type, ...rest }] of steps.entries()) {
          if ("size" in rest) {
            const bytes = Buffer.alloc(rest.size, index + 1);
            written = Buffer.concat([written, bytes]);
            await upload.write(bytes);
          } else if (type === "flush") {
            flushed = { state: await upload.flush(), size: written.length };
          } else {
            if (type === "read back and reopen")
              assert.ok((await collect(upload.readBack())).equals(written), `step ${index}`);
            if (type === "reopen from start") flushed = undefined;
            await upload[Symbol.asyncDispose]();
            written = written.subarray(0, flushed?.size ?? 0);
            upload = await (index % 2 === 0 ? other : store).openUpload(id, flushed?.state);
          }
          assert.equal(upload.size, written.length, `step ${index}`);
        }
        const key = `blobs/run/${run}`;
        await upload.commit(key);
        await using object = await store.open(key);
        assert.equal(object.size, written.length);
        assert.ok((await collect(object.stream())).equals(written));
        await store.delete(key);
      } finally {
        await upload[Symbol.asyncDispose]();
        await store.discardUpload(id, undefined);
      }
      assert.deepEqual(await Array.fromAsync(store.listUploads()), []);
    });
    await fc.assert(property, { seed: SEED, numRuns: kind === "s3" ? RUNS_ON_S3 : RUNS });
  });
});
