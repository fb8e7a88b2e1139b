import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { digestOf, hexOf } from "../document/digest.ts";
import type { Digest } from "../document/digest.ts";
import type { Image, ImageLayer } from "../image.ts";
import { resolveBase } from "./squash-base.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";

const diffIdOf = (name: string): Digest => digestOf(Buffer.from(`diff ${name}`));
const blobOf = (name: string): Digest => digestOf(Buffer.from(`blob ${name}`));
const v1IdOf = (name: string): string => hexOf(digestOf(Buffer.from(`id ${name}`)));

interface Description {
  readonly layers: readonly string[];
  readonly names?: readonly string[];
  readonly commands?: readonly string[];
  readonly architecture?: string;
  readonly change?: (layer: ImageLayer) => ImageLayer;
}

function imageOf({
  layers,
  names = [],
  commands = [],
  architecture = "amd64",
  change = (layer) => layer,
}: Description): Image {
  const config = Buffer.from(
    JSON.stringify({ names, layers, history: commands.map((text) => ({ created_by: text })) }),
  );
  return {
    names,
    config,
    configDigest: digestOf(config),
    manifestDigest: digestOf(Buffer.from(`manifest of ${config.toString()}`)),
    platform: { os: "linux", architecture },
    layers: layers.map((name) =>
      change({
        blob: new ChunkedSource(Buffer.alloc(0)),
        mediaType: "application/vnd.oci.image.layer.v1.tar",
        digest: blobOf(name),
        diffId: diffIdOf(name),
        v1Id: v1IdOf(name),
      }),
    ),
  };
}

const base = imageOf({
  layers: ["a", "b"],
  names: ["debian:12", "docker.io/library/debian:bookworm"],
});
const image = imageOf({ layers: ["a", "b", "c", "d"], names: ["app:1"] });

suite("without a wish", () => {
  const resolve = (...commands: string[]): number =>
    resolveBase(imageOf({ layers: ["a", "b", "c"], commands }), [], undefined);

  test("the first FROM layer stays", () => {
    assert.equal(
      resolve("/bin/sh -c #(nop) MAINTAINER x", "/bin/sh -c #(nop) ADD file:1 in /", "RUN x"),
      2,
    );
    assert.equal(
      resolve("/bin/sh -c #(nop) ADD file:1 in /", "/bin/sh -c #(nop) ADD file:2 in /", "RUN x"),
      1,
    );
  });

  test("an earlier squash comes before it", () => {
    assert.equal(
      resolve("/bin/sh -c #(nop) ADD file:1 in /", "RUN x", "/bin/sh -c #(squash) from a"),
      3,
    );
  });

  test("otherwise the lowest layer stays", () => {
    assert.equal(resolve("RUN a", "RUN b", "RUN c"), 1);
    assert.equal(resolve(), 1, "no history");
    assert.equal(resolve("RUN a"), 1, "a history that does not fit");
    assert.equal(resolveBase(imageOf({ layers: [] }), [], undefined), 0);
  });
});

suite("a wish", () => {
  const resolve = (from: string, others: readonly Image[] = [base, image]): number =>
    resolveBase(image, others, from);

  test("scratch and root", () => {
    assert.equal(resolve("scratch"), 0);
    assert.equal(resolve("root"), 1);
    assert.equal(resolveBase(imageOf({ layers: [] }), [], "root"), 0);
  });

  test("a number of layers", () => {
    for (const number of [0, 1, 4]) assert.equal(resolve(String(number)), number);
    assert.throws(() => resolve("5"), {
      code: "not-found",
      message: /no layer 5, the image has 4/,
    });
  });

  test("a layer's digest, diffID or ID, whole or by its first digits", () => {
    for (const [index, name] of ["a", "b", "c", "d"].entries()) {
      const ids = [blobOf(name), diffIdOf(name)];
      for (const id of [
        ...ids,
        ...ids.map(hexOf),
        v1IdOf(name),
        v1IdOf(name).slice(0, 12),
        hexOf(diffIdOf(name)).slice(0, 12),
      ]) {
        assert.equal(resolve(id), index + 1, id);
      }
    }
  });

  test("an image by name, name without latest, tag, digest or ID", () => {
    const wishes = [
      "debian:12",
      "12",
      "debian:bookworm",
      "bookworm",
      "docker.io/library/debian:bookworm",
    ];
    for (const from of [
      ...wishes,
      base.configDigest,
      hexOf(base.configDigest).slice(0, 12),
      base.manifestDigest ?? "",
    ]) {
      // "12" is a layer number first
      if (from === "12") assert.throws(() => resolve(from), { code: "not-found" });
      else assert.equal(resolve(from), 2, from);
    }
    const latest = imageOf({ layers: ["a"], names: ["alpine:latest", "quay.io/team/tool:latest"] });
    assert.equal(resolve("alpine", [latest]), 1);
    assert.equal(resolve("quay.io/team/tool", [latest]), 1);
    assert.throws(() => resolve("alp", [latest]), { code: "not-found" });
  });

  test("the image itself: everything stays", () => {
    assert.equal(resolve("app:1", []), 4);
  });

  test("an image of the same platform is preferred", () => {
    const other = imageOf({ layers: ["x"], names: ["debian:12"], architecture: "arm64" });
    assert.equal(resolve("debian:12", [other, base]), 2);
  });

  test("an image that is no base is refused, with what it shares", () => {
    for (const [layers, shared] of [
      [["x"], 0],
      [["a", "x"], 1],
      [["a", "b", "c", "d", "e"], 4],
    ] as const) {
      const other = imageOf({ layers, names: ["other:1"] });
      assert.throws(() => resolve("other:1", [other]), {
        code: "invalid-request",
        message: new RegExp(
          `no base of the image: it shares ${shared} of its ${layers.length} layers`,
        ),
      });
    }
  });

  test("images without diffIDs are compared by their layers' IDs", () => {
    const old = (layers: readonly string[], names: readonly string[]): Image =>
      imageOf({
        layers,
        names,
        change: (layer) => ({ ...layer, digest: undefined, diffId: undefined }),
      });
    assert.equal(resolveBase(old(["a", "b", "c"], []), [old(["a", "b"], ["base:1"])], "base:1"), 2);
    assert.throws(
      () => resolveBase(old(["a", "b", "c"], []), [old(["a", "x"], ["base:1"])], "base:1"),
      {
        code: "invalid-request",
      },
    );
  });

  test("what fits several layers is refused with their numbers", () => {
    const twice = imageOf({ layers: ["a", "b", "a"] });
    assert.throws(() => resolveBase(twice, [], diffIdOf("a")), {
      code: "invalid-request",
      message: /layers 1, 3/,
    });
    assert.equal(resolveBase(twice, [], diffIdOf("b")), 2);
  });

  test("what is not there is told, with a hint", () => {
    for (const from of ["nothing:1", "abcdef", "sha256:abcdef", "", `sha256:${"0".repeat(64)}`]) {
      assert.throws(
        () => resolve(from),
        (error: Error & { hint?: string; code?: string }) => {
          assert.equal(error.code, "not-found");
          assert.match(error.hint ?? "", /wharf inspect/);
          return true;
        },
      );
    }
  });

  test("a few hexadecimal digits are no ID", () => {
    assert.throws(() => resolve(v1IdOf("a").slice(0, 5)), { code: "not-found" });
  });
});
