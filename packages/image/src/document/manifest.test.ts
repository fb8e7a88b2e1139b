import assert from "node:assert/strict";
import { test } from "node:test";

import { isAttestation, parseManifest } from "./manifest.ts";
import type { ImageIndex, ImageManifest } from "./manifest.ts";

const digest = `sha256:${"0".repeat(64)}`;
const descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: 1 };

function parse(document: unknown): ImageManifest | ImageIndex {
  return parseManifest(Buffer.from(JSON.stringify(document)), "manifest");
}

test("manifests and indexes are told apart by content", () => {
  const manifest = parse({
    schemaVersion: 2,
    config: descriptor,
    layers: [{ ...descriptor, urls: ["http://x"] }],
  });
  assert.equal(manifest.kind, "manifest");
  assert.deepEqual(manifest.kind === "manifest" && manifest.layers[0]?.urls, ["http://x"]);
  const index = parse({
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor,
        platform: { os: "Linux", architecture: "arm", variant: "v7", "os.version": "1" },
      },
    ],
  });
  assert.equal(index.kind, "index");
  assert.deepEqual(index.kind === "index" && index.manifests[0]?.platform, {
    os: "linux",
    architecture: "arm",
    variant: "v7",
    osVersion: "1",
  });
});

test("an index without manifests is empty", () => {
  const index = parse({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: null,
  });
  assert.deepEqual(index.kind === "index" && index.manifests, []);
});

test("a document that is both manifest and index is refused", () => {
  assert.throws(() => parse({ manifests: [], layers: [] }), { code: "damaged" });
  assert.throws(
    () =>
      parse({
        mediaType: "application/vnd.oci.image.index.v1+json",
        config: descriptor,
        layers: [],
      }),
    {
      code: "damaged",
    },
  );
});

test("schema 1 is refused in clear words", () => {
  assert.throws(() => parse({ schemaVersion: 1, fsLayers: [] }), {
    code: "unsupported",
    message: /schema 1/,
  });
  assert.throws(() => parse({ schemaVersion: 3 }), { code: "unsupported" });
});

test("wrong fields are refused", () => {
  for (const broken of [
    { ...descriptor, digest: "sha256:zz" },
    { ...descriptor, digest: 1 },
    { ...descriptor, size: -1 },
    { ...descriptor, size: 1e300 },
    { ...descriptor, size: undefined },
    { ...descriptor, urls: "x" },
    { ...descriptor, annotations: { a: 1 } },
    null,
  ]) {
    assert.throws(() => parse({ config: descriptor, layers: [broken] }), {
      name: "ImageError",
      code: "damaged",
    });
  }
  assert.throws(() => parse({}), { code: "damaged" });
  assert.throws(() => parse([]), { code: "damaged" });
});

test("attestations are recognized", () => {
  const index = parse({
    manifests: [
      { ...descriptor, platform: { os: "unknown", architecture: "unknown" } },
      { ...descriptor, annotations: { "vnd.docker.reference.type": "attestation-manifest" } },
      { ...descriptor, platform: { os: "linux", architecture: "amd64" } },
      descriptor,
    ],
  });
  assert.deepEqual(index.kind === "index" && index.manifests.map(isAttestation), [
    true,
    true,
    false,
    false,
  ]);
});
