import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempDisposable, open, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { openImagePath } from "@wharf/image";

import { endOf, runWharf, startWharf } from "../testing/run-wharf.ts";
import { SAMPLE_STEPS, sampleArchive, text } from "../testing/sample-archive.ts";

const SUMMARY = /^sample:1 {2}3 layers, \d+ kB -> 2 layers, [\d.]+ kB \(-\d+ %\)\n$/;

test("a pipe in, a pipe out, one line on standard error", async () => {
  await using folder = await scratch();
  const archive = await readFile(await sampleArchive(join(folder.path, "in.tar")));
  const { code, stdout, stderr } = await runWharf(["squash"], { stdin: archive });
  assert.equal(code, 0, stderr);
  assert.match(stderr, SUMMARY);
  await writeFile(join(folder.path, "out.tar"), stdout);
  assert.deepEqual(await shape(join(folder.path, "out.tar")), [{ names: ["sample:1"], layers: 2 }]);
});

test("file, pipe, redirected file and SOURCE give the same bytes", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const output = join(folder.path, "out.tar");
  const outputs: Buffer[] = [];
  await using redirected = await open(input);
  for (const run of [
    await runWharf(["squash", "-i", input, "-o", output]),
    await runWharf(["squash", "-o", output], { stdin: redirected.fd }),
    await runWharf(["squash", "-i", "-", "--output", output], { stdin: await readFile(input) }),
    await runWharf(["squash", input, `docker-archive:${output}`]),
  ]) {
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout.length, 0);
    outputs.push(await readFile(output));
  }
  for (const bytes of outputs) assert.ok(bytes.equals(outputs[0] ?? Buffer.alloc(0)));
});

test("a result may replace its own input", async () => {
  await using folder = await scratch();
  const path = await sampleArchive(join(folder.path, "image.tar"));
  const { code, stderr } = await runWharf(["squash", "-i", path, "-o", path]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await shape(path), [{ names: ["sample:1"], layers: 2 }]);
  assert.deepEqual(await readdir(folder.path), ["image.tar"]);
});

test("the flags of docker-squash keep their meaning", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const output = join(folder.path, "out.tar");
  const { code, stderr } = await runWharf([
    "squash",
    "-i",
    input,
    "-o",
    output,
    "-t",
    "a:1",
    "-from",
    "scratch",
    "-verbose",
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /LAYER +SIZE +ADDED/);
  assert.match(stderr, /a:1 {2}3 layers, \d+ kB -> 1 layer, /);
  assert.deepEqual(await shape(output), [{ names: ["a:1"], layers: 1 }]);
});

test("several names, and a name without a tag is latest", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const output = join(folder.path, "out.tar");
  const { code, stderr } = await runWharf([
    "squash",
    "-t=a:1",
    "--tag",
    "host.example:5000/b",
    "-o",
    output,
    input,
  ]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await shape(output), [
    { names: ["a:1", "host.example:5000/b:latest"], layers: 2 },
  ]);
});

test("--to leaves the layers above as they are", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const output = join(folder.path, "out.tar");
  const { code, stderr } = await runWharf([
    "squash",
    "-from",
    "scratch",
    "-to",
    "2",
    "-i",
    input,
    "-o",
    output,
  ]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await shape(output), [{ names: ["sample:1"], layers: 2 }]);
});

test("an image of one layer is written although there is nothing to squash", async () => {
  await using folder = await scratch();
  const input = join(folder.path, "in.tar");
  const output = join(folder.path, "out.tar");
  await sampleArchive(input, [{ names: ["one:1"], steps: SAMPLE_STEPS.slice(0, 1) }]);
  const { code, stderr } = await runWharf(["squash", "-i", input, "-o", output]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^one:1 {2}1 layer, [\d.]+ kB: nothing to squash, written as it is\n$/);
  assert.deepEqual(await shape(output), [{ names: ["one:1"], layers: 1 }]);
});

test("each of several images is squashed and keeps its names", async () => {
  await using folder = await scratch();
  const input = join(folder.path, "in.tar");
  const output = join(folder.path, "out.tar");
  const other = [...SAMPLE_STEPS, { createdBy: "more", entries: [text("more", "more")] }];
  await sampleArchive(input, [
    { names: ["a:1", "a:2"], steps: SAMPLE_STEPS },
    { names: ["b:1"], steps: other },
  ]);
  const all = await runWharf(["squash", "-i", input, "-o", output]);
  assert.equal(all.code, 0, all.stderr);
  assert.deepEqual(await shape(output), [
    { names: ["a:1", "a:2"], layers: 2 },
    { names: ["b:1"], layers: 2 },
  ]);
  const one = await runWharf(["squash", `docker-archive:${input}:b:1`, `docker-archive:${output}`]);
  assert.equal(one.code, 0, one.stderr);
  assert.deepEqual(await shape(output), [{ names: ["b:1"], layers: 2 }]);
  const renamed = await runWharf(["squash", "-t", "c:1", "-i", input, "-o", output]);
  assert.equal(renamed.code, 2);
  assert.match(
    renamed.stderr,
    /-t names one image, but the source holds 2\nnext: name one of them as .*: a:1, a:2, b:1/,
  );
});

test("an OCI archive and an OCI folder", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  for (const [format, compression] of [
    ["oci-archive", "gzip:1"],
    ["oci", "zstd"],
    ["oci", "none"],
  ] as const) {
    const output = join(folder.path, `${format}-${compression.slice(0, 4)}`);
    const args = [
      "squash",
      "-i",
      input,
      "-o",
      output,
      "--format",
      format,
      "--compression",
      compression,
    ];
    const { code, stderr } = await runWharf(args);
    assert.equal(code, 0, stderr);
    assert.equal((await shape(output))[0]?.layers, 2);
  }
});

test("--dry-run prints the plan and writes nothing", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const output = join(folder.path, "out.tar");
  const { code, stdout, stderr } = await runWharf([
    "squash",
    "--dry-run",
    "-i",
    input,
    "-o",
    output,
  ]);
  assert.equal(code, 0, stderr);
  const plan = stdout.toString();
  assert.match(plan, /now {5}3 layers, /);
  assert.match(plan, /squash {2}layers 2 to 3 into one, beside layer 1 as before/);
  assert.match(plan, /201 kB +2 +3 +\/?var\/cache/);
  assert.deepEqual(await readdir(folder.path), ["in.tar"]);
  const written = await runWharf(["squash", "-i", input]);
  assert.match(
    plan,
    new RegExp(`${written.stdout.length.toLocaleString("en")} bytes`),
    "the size is exact",
  );
});

test("--json tells the same names of fields for ever", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const { code, stdout, stderr } = await runWharf([
    "squash",
    "--json",
    "-i",
    input,
    "-o",
    join(folder.path, "out.tar"),
  ]);
  assert.equal(code, 0, stderr);
  const document: unknown = JSON.parse(stdout.toString());
  assert.deepEqual(fieldsOf(document), [
    "destination",
    "dryRun",
    "images[].names[]",
    "images[].platform.architecture",
    "images[].platform.os",
    "images[].report.bytesAfter",
    "images[].report.bytesBefore",
    "images[].report.deadWeight[].bytes",
    "images[].report.deadWeight[].hiddenBy",
    "images[].report.deadWeight[].layer",
    "images[].report.deadWeight[].path",
    "images[].report.keptBase",
    "images[].report.layersAfter",
    "images[].report.layersBefore",
    "images[].report.layers[].added",
    "images[].report.layers[].changed",
    "images[].report.layers[].contributedBytes",
    "images[].report.layers[].createdBy",
    "images[].report.layers[].entries",
    "images[].report.layers[].hidden",
    "images[].report.layers[].number",
    "images[].report.layers[].size",
    "images[].report.layers[].storedSize",
    "images[].report.layers[].wastedBytes",
    "images[].report.warnings[]",
    "images[].sourceConfigDigest",
    "images[].sourceManifestDigest",
    "images[].written.configDigest",
    "images[].written.layers[].diffId",
    "images[].written.layers[].digest",
    "images[].written.layers[].mediaType",
    "images[].written.layers[].size",
    "images[].written.manifestDigest",
    "schemaVersion",
    "source",
  ]);
});

test("--json goes to standard error when the image goes to standard output", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const { code, stdout, stderr } = await runWharf(["squash", "--json", "-i", input]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.subarray(257, 262).toString(), "ustar");
  assert.match(stderr, /"schemaVersion": 1/);
});

test("--progress plain tells of reading and writing", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const { stderr } = await runWharf(["squash", "--progress", "plain", "-i", input]);
  assert.match(stderr, /^reading 100 %, /m);
  assert.match(stderr, /^writing 100 %, /m);
});

test("damaged input is refused and leaves what was there", async () => {
  await using folder = await scratch();
  const archive = await readFile(await sampleArchive(join(folder.path, "in.tar")));
  const output = join(folder.path, "out.tar");
  const flipped = Buffer.from(archive);
  const content = flipped.indexOf("xxxxxxxx");
  flipped[content] = 0x79;
  for (const damaged of [
    flipped,
    archive.subarray(0, archive.length / 2),
    Buffer.from("no image"),
    Buffer.alloc(0),
  ]) {
    await writeFile(output, "precious");
    const { code, stdout, stderr } = await runWharf(["squash", "-o", output], { stdin: damaged });
    assert.equal(code, 3, stderr);
    assert.equal(stdout.length, 0);
    assert.match(stderr, /^wharf: .+\nnext: .+\n$/);
    assert.equal(await readFile(output, "utf8"), "precious");
    assert.deepEqual(await readdir(folder.path), ["in.tar", "out.tar"]);
    const piped = await runWharf(["squash"], { stdin: damaged });
    assert.deepEqual([piped.code, piped.stdout.length], [3, 0]);
  }
});

test("what is not there exits with 4, a wrong command line with 2", async () => {
  await using folder = await scratch();
  const input = await sampleArchive(join(folder.path, "in.tar"));
  const cases: [args: string[], code: number, message: RegExp][] = [
    [["-i", join(folder.path, "none.tar")], 4, /none\.tar/],
    [["-i", input, "-o", join(folder.path, "none", "out.tar")], 1, /folder does not exist/],
    [["-i", input, "--platform", "linux/s390x"], 4, /s390x/],
    [[`docker-archive:${input}:other:1`], 4, /other:1/],
    [
      ["-i", input, "--format", "rar"],
      2,
      /--format "rar" is not known\nnext: choose one of docker-archive, /,
    ],
    [["-i", input, "--compression", "zstd"], 2, /always plain/],
    [["-i", input, "--format", "oci"], 2, /folder/],
    [["-i", input, "-from", "9"], 4, /9/],
    [["-i", input, "--to", "top"], 2, /not a layer number/],
    [["-i", input, "-t", "UPPER"], 2, /lower case/],
    [["-i", input, "--max-layer-size", "100kB"], 3, /100|limit/],
    [["a", "b", "c"], 2, /one name too many: "c"/],
    [["-i", "a", "b", "c"], 2, /one name too many/],
  ];
  for (const [args, code, message] of cases) {
    const run = await runWharf(["squash", ...args]);
    assert.equal(run.code, code, `${args.join(" ")}: ${run.stderr}`);
    assert.match(run.stderr, message);
    assert.match(run.stderr, /^wharf: .+\nnext: .+\n$/, "cause and next step");
    assert.equal(run.stdout.length, 0);
  }
});

test("SIGINT while the input still comes leaves no files", async () => {
  await using folder = await scratch();
  await using temporary = await scratch();
  const archive = await readFile(await sampleArchive(join(folder.path, "in.tar")));
  const output = join(folder.path, "out.tar");
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const child = startWharf(["squash", "--tmp-dir", temporary.path, "-o", output]);
    assert.ok(child.stdin);
    // More than a pipe holds: once it has drained, the command is reading.
    if (!child.stdin.write(archive)) await once(child.stdin, "drain");
    child.kill(signal);
    const run = await endOf(child);
    assert.equal(run.code, code, run.stderr);
    assert.equal(run.stderr, `wharf: ended by ${signal}\n`);
    assert.deepEqual(await readdir(folder.path), ["in.tar"]);
    assert.deepEqual(await readdir(temporary.path), []);
  }
});

test("SIGINT while nobody takes the output ends the command", async () => {
  await using folder = await scratch();
  const child = startWharf(["squash", "-i", await bigArchive(join(folder.path, "in.tar"))]);
  assert.ok(child.stdout);
  // Its first bytes are there and the pipe is full: the command is writing.
  await once(child.stdout, "readable");
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  assert.equal(code, 130);
});

test("a reader that goes away ends the command with an error, not a crash", async () => {
  await using folder = await scratch();
  const child = startWharf(["squash", "-i", await bigArchive(join(folder.path, "in.tar"))]);
  child.stdout?.destroy();
  const { code, stderr } = await endOf(child);
  assert.equal(code, 1);
  assert.match(stderr, /^wharf: .+\nnext: .+\n$/);
});

test("the help is shown on standard output", async () => {
  for (const args of [
    ["squash", "--help"],
    ["squash", "-h"],
    ["squash", "-help"],
    ["help", "squash"],
  ]) {
    const { code, stdout } = await runWharf(args);
    assert.equal(code, 0);
    assert.match(stdout.toString(), /^wharf squash - /);
  }
});

async function scratch() {
  return await mkdtempDisposable(join(tmpdir(), "wharf-test-"));
}

/** More than a pipe holds. */
async function bigArchive(path: string): Promise<string> {
  const steps = [{ createdBy: "", entries: [text("big", "x".repeat(5_000_000))] }];
  return await sampleArchive(path, [{ names: ["big:1"], steps }]);
}

/** Names and number of layers of all images of a file or folder. */
async function shape(path: string): Promise<{ names: readonly string[]; layers: number }[]> {
  await using source = await openImagePath(path);
  return source.images.map(({ names, layers }) => ({ names, layers: layers.length }));
}

/** Paths of all fields of a JSON document; what an array holds is told once. */
function fieldsOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    return items.length === 0
      ? [`${path}[]`]
      : [...new Set(items.flatMap((item) => fieldsOf(item, `${path}[]`)))];
  }
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value)
    .flatMap(([key, item]) => fieldsOf(item, path === "" ? key : `${path}.${key}`))
    .toSorted();
}
