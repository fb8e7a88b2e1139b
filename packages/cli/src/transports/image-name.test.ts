import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { familiarName, parseImageName } from "./image-name.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

suite("the name of an image", () => {
  // name, host, repository, tag
  const names: readonly [string, string, string, string?][] = [
    ["python", "docker.io", "library/python"],
    ["python:2.7", "docker.io", "library/python", "2.7"],
    ["library/python", "docker.io", "library/python"],
    ["docker.io/python:2.7", "docker.io", "library/python", "2.7"],
    ["index.docker.io/team/app", "docker.io", "team/app"],
    ["team/app:v1", "docker.io", "team/app", "v1"],
    ["localhost/app", "localhost", "app"],
    ["localhost:5000/app:1", "localhost:5000", "app", "1"],
    ["example.com/a/b/c", "example.com", "a/b/c"],
    ["[::1]:5000/app:1", "[::1]:5000", "app", "1"],
    ["HOST/app", "HOST", "app"],
    ["a__b/c-d--e.f_g:T_.-", "docker.io", "a__b/c-d--e.f_g", "T_.-"],
  ];
  for (const [text, host, repository, tag] of names) {
    test(`${text} is ${repository} of ${host}`, () => {
      assert.deepEqual(parseImageName(text), { host, repository, tag, digest: undefined });
    });
  }

  test("has a digest after its tag", () => {
    const { tag, digest } = parseImageName(`app:1@${DIGEST}`);
    assert.deepEqual([tag, digest], ["1", DIGEST]);
  });

  const wrong: readonly [string, RegExp][] = [
    ["", /missing/],
    ["App", /lower case/],
    ["app:", /"" is not a tag/],
    ["app:.x", /is not a tag/],
    [`app:${"t".repeat(129)}`, /is not a tag/],
    ["app@sha256:12", /not a sha256 digest/],
    ["app@md5:12", /md5 is not supported/],
    ["-app", /is not a name/],
    ["a//b", /is not a name/],
    ["a___b", /is not a name/],
    ["a/../b", /is not a name/],
    ["example.com:port/app", /not the name of a host/],
    ["example..com/app", /not the name of a host/],
    ["docker.io/", /is empty/],
    [`example.com/${"a".repeat(256)}`, /longer than 255/],
    ["app\u0000", /is not a name/],
    ["app name", /is not a name/],
  ];
  for (const [text, why] of wrong) {
    test(`${JSON.stringify(text.slice(0, 30))} is refused: ${why.source}`, () => {
      assert.throws(() => parseImageName(text), { code: "invalid-request", message: why });
    });
  }

  test("is refused quickly, however long it is", { timeout: 2000 }, () => {
    assert.throws(() => parseImageName(`${"a-".repeat(100_000)}!`));
  });

  test("has a short form on Docker Hub", () => {
    assert.equal(familiarName(parseImageName("docker.io/library/python:2.7")), "python:2.7");
    assert.equal(familiarName(parseImageName("docker.io/library/a/b")), "library/a/b");
    assert.equal(
      familiarName(parseImageName(`example.com/library/app@${DIGEST}`)),
      `example.com/library/app@${DIGEST}`,
    );
  });
});
