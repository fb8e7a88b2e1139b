import assert from "node:assert/strict";
import { test } from "node:test";

import {
  canonicalImageName,
  familiarImageName,
  isTaggedName,
  splitImageName,
} from "./image-name.ts";

test("names are taken apart as Docker does", () => {
  assert.deepEqual(splitImageName("python:2.7"), {
    registry: "docker.io",
    repository: "library/python",
    tag: "2.7",
    digest: undefined,
  });
  assert.deepEqual(splitImageName("localhost:5000/team/app"), {
    registry: "localhost:5000",
    repository: "team/app",
    tag: undefined,
    digest: undefined,
  });
  assert.deepEqual(splitImageName("team/app:1@sha256:ab"), {
    registry: "docker.io",
    repository: "team/app",
    tag: "1",
    digest: "sha256:ab",
  });
});

test("equal names have one canonical form", () => {
  for (const name of [
    "python",
    "python:latest",
    "library/python",
    "docker.io/python",
    "index.docker.io/library/python:latest",
  ]) {
    assert.equal(canonicalImageName(name), "docker.io/library/python:latest", name);
  }
  assert.equal(canonicalImageName("localhost/app:1"), "localhost/app:1");
  assert.equal(canonicalImageName("app:1@sha256:ab"), "docker.io/library/app@sha256:ab");
});

test("the familiar form leaves out what Docker leaves out", () => {
  assert.equal(familiarImageName("docker.io/library/python:2.7"), "python:2.7");
  assert.equal(familiarImageName("docker.io/team/app:1"), "team/app:1");
  assert.equal(familiarImageName("docker.io/library/a/b:1"), "library/a/b:1");
  assert.equal(familiarImageName("quay.io/team/app:1"), "quay.io/team/app:1");
  assert.equal(familiarImageName("latest"), "latest");
});

test("only names with a tag may stand in RepoTags", () => {
  for (const name of ["a:1", "localhost:5000/a/b:v1.0", "registry.example.com/a:x"])
    assert.ok(isTaggedName(name), name);
  for (const name of [
    "latest",
    "localhost:5000/a",
    "a@sha256:ab",
    "a:1@sha256:ab",
    "A:1",
    "a:b c",
    ":1",
    "",
  ]) {
    assert.ok(!isTaggedName(name), name);
  }
});
