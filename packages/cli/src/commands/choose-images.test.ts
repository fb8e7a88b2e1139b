import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf, hostPlatform, ImageError } from "@wharf/image";
import type { Image, Platform } from "@wharf/image";

import { chooseImages } from "./choose-images.ts";

const HOST = hostPlatform();
const OTHER: Platform = { os: "linux", architecture: "riscv64" };

const oneHost = image(["one:1"], HOST);
const oneOther = image(["one:1"], OTHER);
const two = image(["two:1"], OTHER);

test("every name is chosen, with the platform of this machine where there are several", () => {
  assert.deepEqual(chooseImages({ images: [oneOther, oneHost, two] }, {}), [oneHost, two]);
});

test("a name chooses one", () => {
  assert.deepEqual(chooseImages({ images: [oneOther, oneHost, two] }, { name: "one:1" }), [
    oneHost,
  ]);
});

test("all platforms, of everything or of one name", () => {
  const images = [oneOther, oneHost, two];
  assert.deepEqual(chooseImages({ images }, { platform: "all" }), images);
  assert.deepEqual(chooseImages({ images }, { platform: "all", name: "one:1" }), [
    oneOther,
    oneHost,
  ]);
});

test("a platform that one of the images lacks is an error", () => {
  const wanted = { platform: `${HOST.os}/${HOST.architecture}` };
  assert.throws(
    () => chooseImages({ images: [oneHost, two] }, wanted),
    (error) => error instanceof ImageError && error.code === "not-found",
  );
});

test("images without a name are told apart by platform only", () => {
  const [a, b, c] = [image([], HOST), image([], OTHER), image([], HOST)];
  assert.deepEqual(chooseImages({ images: [a, b] }, {}), [a]);
  assert.deepEqual(chooseImages({ images: [a, c] }, {}), [a, c]);
});

function image(names: readonly string[], platform: Platform): Image {
  const config = Buffer.from(JSON.stringify({ names, platform }));
  return {
    names,
    config,
    configDigest: digestOf(config),
    manifestDigest: undefined,
    platform,
    layers: [],
  };
}
