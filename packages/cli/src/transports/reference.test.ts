import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import { formatReference, parseDestination, parseSource, wantedName } from "./reference.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

suite("a reference to a source", () => {
  const references: readonly [string, object][] = [
    ["-", { transport: "stdio" }],
    [
      "docker-archive:/tmp/x.tar",
      { transport: "docker-archive", path: "/tmp/x.tar", name: undefined },
    ],
    [
      "docker-archive:x.tar:python:2.7",
      { transport: "docker-archive", path: "x.tar", name: "python:2.7" },
    ],
    [
      "docker-archive:x.tar:python",
      { transport: "docker-archive", path: "x.tar", name: "python:latest" },
    ],
    ["docker-archive:-", { transport: "docker-archive", path: "-", name: undefined }],
    ["oci:dir:1.0", { transport: "oci", path: "dir", name: "1.0" }],
    ["oci:dir:example.com/a:1", { transport: "oci", path: "dir", name: "example.com/a:1" }],
    ["oci-archive:x.tar", { transport: "oci-archive", path: "x.tar", name: undefined }],
    ["docker-daemon:python:2.7", { transport: "docker-daemon", name: "python:2.7" }],
    ["docker-daemon:python", { transport: "docker-daemon", name: "python:latest" }],
    [`docker-daemon:python@${DIGEST}`, { transport: "docker-daemon", name: `python@${DIGEST}` }],
    [`docker-daemon:${DIGEST}`, { transport: "docker-daemon", name: DIGEST }],
    ["docker-daemon:0123456789ab", { transport: "docker-daemon", name: "0123456789ab" }],
    ["python:2.7", { transport: "docker-daemon", name: "python:2.7" }],
    ["dir:latest", { transport: "docker-daemon", name: "dir:latest" }],
    [
      "docker://python:2.7",
      {
        transport: "docker",
        host: "docker.io",
        repository: "library/python",
        tag: "2.7",
        digest: undefined,
      },
    ],
    [
      "docker://localhost:5000/app",
      {
        transport: "docker",
        host: "localhost:5000",
        repository: "app",
        tag: "latest",
        digest: undefined,
      },
    ],
    [
      `docker://example.com/app@${DIGEST}`,
      {
        transport: "docker",
        host: "example.com",
        repository: "app",
        tag: undefined,
        digest: DIGEST,
      },
    ],
  ];
  for (const [text, reference] of references) {
    test(text, async () => {
      assert.deepEqual(await parseSource(text), reference);
    });
    test(`${text} is the same when it is written and read again`, async () => {
      assert.deepEqual(await parseSource(formatReference(await parseSource(text))), reference);
    });
  }

  const wrong: readonly [string, RegExp, RegExp][] = [
    ["", /is empty/, /docker-archive:PATH/],
    ["oci:", /the path is missing/, /oci:DIR/],
    ["oci:dir:a b", /is not a reference name/, /transports/],
    ["docker:python", /slashes are missing/, /docker:\/\/python/],
    ["docker://", /name of an image is missing/, /^$/],
    ["docker://Python", /lower case/, /^$/],
    ["https://example.com/app", /without http/, /docker:\/\/host/],
    ["s3://bucket/app", /no transport s3/, /transports/],
    ["containers-storage:app", /no transport containers-storage/, /docker-daemon:name/],
    ["dir:/tmp/x", /no transport dir/, /docker-daemon/],
    ["a\0b", /NUL/, /transports/],
    ["x".repeat(6000), /too long/, /transports/],
  ];
  for (const [text, message, hint] of wrong) {
    test(`${JSON.stringify(text.slice(0, 30))} is refused: ${message.source}`, async () => {
      await assert.rejects(parseSource(text), (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, "invalid-request");
        assert.match(error.message, message);
        assert.match(error.hint ?? "", hint);
        return true;
      });
    });
  }

  test("a bare name of something that exists is that, whatever it looks like", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "reference-"));
    const file = join(folder.path, "python:2.7");
    await writeFile(file, "");
    assert.deepEqual(await parseSource(file), { transport: "path", path: file, kind: "file" });
    assert.deepEqual(await parseSource(folder.path), {
      transport: "path",
      path: folder.path,
      kind: "folder",
    });
  });

  test("a bare path where nothing is says so", async () => {
    await assert.rejects(parseSource("./nothing.tar"), {
      code: "not-found",
      message: /no file or folder/,
    });
    await assert.rejects(parseSource("nothing.tar"), { code: "not-found" });
  });
});

suite("a reference to a destination", () => {
  test("a path where nothing is yet is a file, with a slash at its end a folder", async () => {
    assert.deepEqual(await parseDestination("./new"), {
      transport: "path",
      path: "./new",
      kind: "file",
    });
    assert.deepEqual(await parseDestination("/new/"), {
      transport: "path",
      path: "/new/",
      kind: "folder",
    });
  });

  test("a folder that exists is a folder", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "reference-"));
    await mkdir(join(folder.path, "x"));
    assert.deepEqual(await parseDestination(folder.path), {
      transport: "path",
      path: folder.path,
      kind: "folder",
    });
  });

  test("a name that may be a file or an image is asked back", async () => {
    await assert.rejects(parseDestination("out.tar"), {
      code: "invalid-request",
      hint: "write docker-archive:out.tar (or ./out.tar) for the file, docker-daemon:out.tar for the engine",
    });
  });

  test("a bare name is an image of the engine", async () => {
    assert.deepEqual(await parseDestination("app:1"), {
      transport: "docker-daemon",
      name: "app:1",
    });
  });

  test("a digest cannot be chosen", async () => {
    await assert.rejects(parseDestination(`docker://example.com/app@${DIGEST}`), {
      code: "invalid-request",
    });
  });
});

test("only references into archives and layouts name an image within them", async () => {
  assert.equal(wantedName(await parseSource("oci:dir:1.0")), "1.0");
  assert.equal(wantedName(await parseSource("docker-archive:x.tar:a")), "a:latest");
  assert.equal(wantedName(await parseSource("docker-daemon:python:2.7")), undefined);
  assert.equal(wantedName(await parseSource("docker://python:2.7")), undefined);
});
