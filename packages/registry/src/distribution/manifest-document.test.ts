import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RegistryError } from "../http/registry-error.ts";
import { parseManifestDocument } from "./manifest-document.ts";
import type { ManifestDocument } from "./manifest-document.ts";

const OCI = "application/vnd.oci.image.manifest.v1+json";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const A = `sha256:${"a".repeat(64)}`;
const B = `sha512:${"b".repeat(128)}`;
const blob = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: A, size: 3 };
const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest: A, size: 2 };
const image = { schemaVersion: 2, mediaType: OCI, config, layers: [blob] };
const index = { schemaVersion: 2, mediaType: INDEX, manifests: [{ ...blob, mediaType: OCI }] };

function parse(document: unknown, contentType?: string): ManifestDocument {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return parseManifestDocument(Buffer.from(text), contentType);
}

test("what a manifest is, refers to and tells is read", () => {
  const full = {
    ...image,
    artifactType: "application/x.a",
    subject: { mediaType: OCI, digest: B, size: 9 },
    annotations: { a: "1", ["__proto__"]: "2" },
    unknown: { deep: [1] },
  };
  const read = parse(full, OCI);
  assert.equal(read.kind, "image");
  assert.equal(read.mediaType, OCI);
  assert.equal(read.artifactType, "application/x.a");
  assert.equal(read.configMediaType, config.mediaType);
  assert.equal(read.subject, B);
  assert.equal(JSON.stringify(read.annotations), JSON.stringify(full.annotations));
  assert.deepEqual(read.blobs, [
    { digest: A, size: 2, field: "config", isOptional: false },
    { digest: A, size: 3, field: "layers[0]", isOptional: false },
  ]);
  assert.equal(read.totalSize, 5);
  const list = parse({ ...index, mediaType: LIST });
  assert.equal(list.kind, "index");
  assert.equal(list.children[0]?.field, "manifests[0]");
  assert.equal(list.artifactType, undefined);
});

test("every form that is in order is taken", () => {
  const accepted: [string, unknown, string?][] = [
    ["an image", image, OCI],
    ["an image of Docker", { ...image, mediaType: DOCKER }, DOCKER],
    ["the type in the document alone", image],
    ["the type in the header alone", { ...image, mediaType: undefined }, OCI],
    [
      "parameters and case of the header",
      image,
      "Application/VND.oci.image.manifest.v1+json; charset=utf-8",
    ],
    ["no layers", { ...image, layers: [] }, OCI],
    [
      "null for what is not there",
      { ...image, annotations: null, subject: null, layers: null },
      OCI,
    ],
    ["an empty index", { ...index, manifests: [] }, INDEX],
    ["an index without a list", { schemaVersion: 2, mediaType: INDEX }, INDEX],
    ["a type of its own", { mediaType: "application/x.thing", blobs: [blob] }],
    ["nothing but a type", "{}", "application/x.thing"],
    ["sha512", { ...image, layers: [{ ...blob, digest: B }] }, OCI],
    ["a size of 0", { ...image, layers: [{ ...blob, size: 0 }] }, OCI],
    ["an empty artifactType", { ...image, artifactType: "" }, OCI],
  ];
  for (const [what, document, type] of accepted)
    assert.doesNotThrow(() => parse(document, type), what);
  assert.equal(parse({ ...image, artifactType: "" }).artifactType, config.mediaType);
  assert.equal(
    parse({ mediaType: "application/X.Thing" }, "application/x.thing").mediaType,
    "application/X.Thing",
  );
  assert.equal(parse({ schemaVersion: 2, mediaType: INDEX }).kind, "index");
});

test("layers that lie elsewhere need not be there, everything else must", () => {
  const elsewhere = [
    { ...blob, urls: ["https://example.com/layer"] },
    { ...blob, mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip" },
    { ...blob, mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" },
  ];
  const read = parse({ ...image, layers: [blob, ...elsewhere, { ...blob, urls: [] }] });
  const optional = read.blobs.map(({ isOptional }) => isOptional);
  assert.deepEqual(optional, [false, false, true, true, true, false]);
  assert.equal(read.totalSize, 2 + 3 + 3);
});

test("what is wrong is refused, and the field is named", () => {
  const cases: [string, unknown, string | undefined, RegExp][] = [
    ["no JSON", "{", OCI, /no valid JSON/],
    ["nothing", "", OCI, /no valid JSON/],
    ["a list", "[]", OCI, /a list/],
    ["null", "null", OCI, /null/],
    ["a number", "1", OCI, /number/],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]).toString("latin1"), OCI, /JSON/],
    ["deep nesting", `{"a":${"[".repeat(300)}${"]".repeat(300)}}`, OCI, /nested deeper/],
    ["no type at all", { ...image, mediaType: undefined }, undefined, /mediaType/],
    ["two types", image, DOCKER, /mediaType/],
    ["an image called an index", { ...image, mediaType: undefined }, INDEX, /layers/],
    ["an index called an image", { ...index, mediaType: undefined }, OCI, /manifests/],
    ["both", { ...image, manifests: [] }, OCI, /manifests/],
    ["both in a type of its own", { layers: [], manifests: [] }, "application/x.y", /manifests/],
    [
      "a header in the type",
      { ...image, mediaType: "a/b\r\nSet-Cookie: x" },
      undefined,
      /mediaType/,
    ],
    ["a long type", { ...image, mediaType: `a/${"b".repeat(300)}` }, undefined, /mediaType/],
    ["a type that is no text", { ...image, mediaType: 1 }, undefined, /mediaType/],
    ["no schemaVersion", { ...image, schemaVersion: undefined }, OCI, /schemaVersion/],
    ["schemaVersion 3", { ...image, schemaVersion: 3 }, OCI, /schemaVersion/],
    ["schemaVersion as text", { ...image, schemaVersion: "2" }, OCI, /schemaVersion/],
    ["no config", { ...image, config: undefined }, OCI, /config/],
    ["a config that is no object", { ...image, config: "x" }, OCI, /config/],
    [
      "a config without a digest",
      { ...image, config: { ...config, digest: undefined } },
      OCI,
      /config/,
    ],
    [
      "a config without a size",
      { ...image, config: { ...config, size: undefined } },
      OCI,
      /config\.size/,
    ],
    ["layers that are no list", { ...image, layers: {} }, OCI, /layers/],
    ["a layer that is null", { ...image, layers: [null] }, OCI, /layers.*\[0\]/],
    ["a negative size", { ...image, layers: [{ ...blob, size: -1 }] }, OCI, /size/],
    ["a broken size", { ...image, layers: [{ ...blob, size: 1.5 }] }, OCI, /size/],
    ["a size as text", { ...image, layers: [{ ...blob, size: "3" }] }, OCI, /size/],
    ["a huge size", { ...image, layers: [{ ...blob, size: 1e300 }] }, OCI, /size/],
    [
      "a short digest",
      { ...image, layers: [blob, { ...blob, digest: "sha256:aa" }] },
      OCI,
      /layers\[1\]\.digest/,
    ],
    [
      "an upper-case digest",
      { ...image, layers: [{ ...blob, digest: A.replaceAll("a", "A") }] },
      OCI,
      /layers\[0\]\.digest/,
    ],
    [
      "a digest of another algorithm",
      { ...image, layers: [{ ...blob, digest: `md5:${"a".repeat(32)}` }] },
      OCI,
      /layers\[0\]\.digest/,
    ],
    [
      "a digest that is a path",
      { ...image, layers: [{ ...blob, digest: "sha256:../../../etc" }] },
      OCI,
      /layers\[0\]\.digest/,
    ],
    ["a child without a digest", { ...index, manifests: [{ size: 1 }] }, INDEX, /manifests\[0\]/],
    ["a subject without a digest", { ...image, subject: { size: 1 } }, OCI, /subject/],
    ["a subject that is a text", { ...image, subject: A }, OCI, /subject/],
    ["annotations that are no texts", { ...image, annotations: { a: 1 } }, OCI, /annotations/],
    [
      "annotations of a layer that are a list",
      { ...image, layers: [{ ...blob, annotations: [] }] },
      OCI,
      /annotations/,
    ],
    ["urls that are no list", { ...image, layers: [{ ...blob, urls: "x" }] }, OCI, /urls/],
    ["an artifactType with a NUL", { ...image, artifactType: "a\0b" }, OCI, /artifact/],
    [
      "a config type with a NUL",
      { ...image, config: { ...config, mediaType: "\0" } },
      OCI,
      /artifact/,
    ],
  ];
  for (const [what, document, type, reason] of cases) {
    assert.throws(
      () => parse(document, type),
      (error) => {
        assert.ok(error instanceof RegistryError, `${what}: ${String(error)}`);
        assert.equal(error.code, "MANIFEST_INVALID", what);
        assert.match(JSON.stringify(error.detail), reason, what);
        return true;
      },
      what,
    );
  }
});

test("Docker's schema 1 is refused with what to do", () => {
  const types = [
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
  ];
  const documents: [unknown, string][] = [
    ...types.map((type): [unknown, string] => [{ schemaVersion: 1, fsLayers: [] }, type]),
    [{ schemaVersion: 1 }, OCI],
    [{ schemaVersion: 2 }, types[0] ?? ""],
  ];
  for (const [document, type] of documents) {
    assert.throws(() => parse(document, type), {
      code: "UNSUPPORTED",
      status: 400,
      message: /pull the image with a recent/,
    });
  }
});

test("sizes that are too large together are no fault", () => {
  const manifests = Array.from({ length: 2000 }, () => ({
    ...blob,
    size: Number.MAX_SAFE_INTEGER,
  }));
  assert.equal(parse({ ...index, manifests }).totalSize, Number.MAX_SAFE_INTEGER);
});

test("any bytes are read or refused as a manifest, never anything else", (t) => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(image, index, config, blob, [blob], A, 2));
  const document = fc
    .dictionary(
      fc.constantFrom(
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
        "manifests",
        "blobs",
        "subject",
        "annotations",
        "artifactType",
        "__proto__",
      ),
      value,
    )
    .map((fields) => JSON.stringify({ ...image, ...fields }));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.oneof(document, fc.json()).map((text) => new TextEncoder().encode(text)),
  );
  const type = fc.option(fc.oneof(fc.constantFrom(OCI, INDEX, "", ";"), fc.string()), {
    nil: undefined,
  });
  const seed = Date.now();
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(bytes, type, (body, contentType) => {
      try {
        const read = parseManifestDocument(body, contentType);
        assert.match(read.mediaType, /^[\x20-\x7e]+$/);
        assert.ok(Number.isSafeInteger(read.totalSize) && read.totalSize >= 0);
        for (const { digest } of [...read.blobs, ...read.children])
          assert.match(digest, /^sha(256|512):[0-9a-f]+$/);
      } catch (error) {
        assert.ok(error instanceof RegistryError && error.status === 400, String(error));
      }
    }),
    { numRuns: 500, seed },
  );
});
