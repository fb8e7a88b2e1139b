import assert from "node:assert/strict";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { runWharf } from "../testing/run-wharf.ts";
import { directory, sampleArchive, SAMPLE_STEPS, text } from "../testing/sample-archive.ts";

test("the table shows what each layer adds, changes, hides and wastes", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const { code, stdout, stderr } = await runWharf(["inspect", input]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  const page = stdout.toString();
  assert.match(page, /^sample:1 \(linux\/\w+\)\n {2}layers {4}3 layers, \d+ kB\n/);
  assert.match(page, /^LAYER +SIZE +ADDED +CHANGED +HIDDEN +WASTED +CREATED BY$/m);
  assert.match(page, /^ +1 .* ADD file:0123 in \/$/m);
  assert.match(page, /^ +2 .* +4 +0 +0 +\d+ kB +RUN make install$/m);
  assert.match(page, /^ +3 .* +0 +1 +2 .* +RUN make update clean$/m);
  assert.match(page, /^ +201 kB +2 +3 +\/?var\/cache$/m);
  for (const line of page.split("\n")) assert.ok(line.length <= 80, line);
});

test("a piped image is inspected too", async () => {
  await using folder = await scratch();
  const archive = await readFile(await sampleArchive(join(folder.path, "in.tar")));
  for (const args of [["inspect", "-"], ["inspect"]]) {
    const { code, stdout, stderr } = await runWharf(args, { stdin: archive });
    assert.equal(code, 0, stderr);
    assert.match(stdout.toString(), /^sample:1 /);
  }
});

test("several images are shown one after the other", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"), [
    { names: ["a:1"], steps: SAMPLE_STEPS },
    { names: ["b:1", "b:2"], steps: [{ createdBy: "", entries: [directory("only")] }] },
  ]);
  const page = (await runWharf(["inspect", input])).stdout.toString();
  assert.match(page, /^a:1 \(linux[^]*\n\nb:1 \(\+1\) \(linux\/\w+\)\n {2}names {5}b:1, b:2\n/);
});

test("a hostile image cannot write to the terminal as it likes", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"), [
    {
      names: ["evil:1"],
      steps: [
        {
          createdBy: "\u001b]0;owned\u0007\u202e",
          entries: [text("\u001b[2Jx", "x".repeat(1000))],
        },
        { createdBy: "rm", entries: [{ kind: "deletion", path: "\u001b[2Jx" }] },
      ],
    },
  ]);
  for (const args of [
    ["inspect", input],
    ["inspect", "--json", input],
    ["squash", "--dry-run", input],
  ]) {
    const { code, stdout, stderr } = await runWharf(args);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(
      stdout.toString() + stderr,
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/,
    );
  }
});

test("--json has the numbers of the table", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const { stdout } = await runWharf(["inspect", "--json", input]);
  const document = JSON.parse(stdout.toString());
  assert.deepEqual(Object.keys(document), ["schemaVersion", "source", "images"]);
  const [image] = document.images;
  assert.deepEqual(Object.keys(image), [
    "names",
    "platform",
    "configDigest",
    "manifestDigest",
    "bytes",
    "squashedBytes",
    "layers",
    "deadWeight",
    "warnings",
  ]);
  assert.deepEqual(
    image.layers.map((layer: { number: number; added: number; hidden: number }) => [
      layer.number,
      layer.added,
      layer.hidden,
    ]),
    [
      [1, 3, 0],
      [2, 4, 0],
      [3, 0, 2],
    ],
  );
});

test("damaged and missing images", async () => {
  await using folder = await scratch();
  const damaged = await runWharf(["inspect"], { stdin: Buffer.from("no image at all") });
  assert.equal(damaged.code, 3, damaged.stderr);
  const missing = await runWharf(["inspect", join(folder.path, "none.tar")]);
  assert.equal(missing.code, 4, missing.stderr);
});

async function scratch() {
  return await mkdtempDisposable(join(tmpdir(), "wharf-test-"));
}
