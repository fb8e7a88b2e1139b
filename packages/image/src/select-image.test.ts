import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf, hexOf } from "./document/digest.ts";
import type { Image } from "./image.ts";
import { formatPlatform, hostPlatform, parsePlatform } from "./document/platform.ts";
import { selectImage } from "./select-image.ts";

function image(names: readonly string[], platform = "linux/amd64", content = names.join()): Image {
  return {
    names,
    config: Buffer.from(content),
    configDigest: digestOf(Buffer.from(`config ${content} ${platform}`)),
    manifestDigest: digestOf(Buffer.from(`manifest ${content} ${platform}`)),
    platform: parsePlatform(platform),
    layers: [],
  };
}

const python = image(["python:2.7", "python:latest"]);
const app = image(["registry.example.com/team/app:1"]);
const local = image(["localhost/tool:3"]);
const images = [python, app, local];
const manyPlatforms = ["linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7"].map((each) =>
  image(["x:1"], each),
);

test("the only image needs no name and no platform", () => {
  assert.equal(selectImage({ images: [image([], "linux/s390x")] }).platform.architecture, "s390x");
});

test("names are compared in their full form", () => {
  for (const name of [
    "python",
    "python:2.7",
    "docker.io/library/python:2.7",
    "library/python:latest",
  ]) {
    assert.equal(selectImage({ images }, { name }), python, name);
  }
  assert.equal(selectImage({ images }, { name: "registry.example.com/team/app:1" }), app);
  assert.equal(selectImage({ images }, { name: "tool:3" }), local);
});

test("reference names of a layout that are only a tag are found", () => {
  const tag = image(["v1"]);
  assert.equal(selectImage({ images: [tag, python] }, { name: "v1" }), tag);
});

test("digests and their first digits are found", () => {
  const hex = hexOf(app.configDigest);
  for (const name of [
    app.configDigest,
    hex,
    hex.slice(0, 12),
    `sha256:${hex.slice(0, 6)}`,
    `${app.manifestDigest}`,
  ]) {
    assert.equal(selectImage({ images }, { name }), app, name);
  }
  assert.equal(selectImage({ images }, { name: `whatever@${app.manifestDigest}` }), app);
});

test("what is not there is an error that lists what is", () => {
  for (const name of ["python:3", "other", "team/app:1", "dead"]) {
    assert.throws(() => selectImage({ images }, { name }), {
      code: "not-found",
      hint: /"python:2.7", "python:latest" \(linux\/amd64\); "registry.example.com\/team\/app:1"/,
    });
  }
  assert.throws(() => selectImage({ images: manyPlatforms }, { platform: "linux/riscv64" }), {
    code: "not-found",
    hint: /linux\/arm\/v6/,
  });
});

test("several images without a name are an error that lists them", () => {
  assert.throws(() => selectImage({ images }), {
    code: "invalid-request",
    hint: /"localhost\/tool:3"/,
  });
});

test("among platforms the wanted one is taken, else that of the host", () => {
  const source = { images: manyPlatforms };
  assert.equal(selectImage(source, { platform: "linux/aarch64" }).platform.architecture, "arm64");
  assert.equal(selectImage(source, { platform: "linux/arm" }).platform.variant, "v7");
  assert.equal(
    selectImage(source, { platform: "linux/arm/v6", name: "x:1" }).platform.variant,
    "v6",
  );
  const host = image(["y"], formatPlatform(hostPlatform()));
  assert.equal(
    selectImage({ images: [image(["y"], "linux/mips64le"), host] }, { name: "y" }),
    host,
  );
});

test("a single image of another platform than the wanted one is refused", () => {
  assert.throws(() => selectImage({ images: [python] }, { platform: "linux/arm64" }), {
    code: "not-found",
  });
  assert.throws(() => selectImage({ images: [python] }, { platform: "windows/amd64" }), {
    code: "unsupported",
    message: /Windows/,
  });
});
