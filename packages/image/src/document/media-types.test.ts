import assert from "node:assert/strict";
import { test } from "node:test";

import {
  MediaType,
  dockerLayerType,
  isEncryptedLayerType,
  isForeignLayerType,
  isLayerType,
  ociLayerType,
} from "./media-types.ts";

test("layers of Docker and OCI are recognized, other blobs are not", () => {
  for (const base of [MediaType.ociLayer, MediaType.ociNondistributableLayer]) {
    for (const suffix of ["", "+gzip", "+zstd", "+gzip+encrypted"])
      assert.ok(isLayerType(base + suffix));
  }
  for (const base of [MediaType.dockerLayer, MediaType.dockerForeignLayer]) {
    for (const suffix of ["", ".gzip", ".zstd"]) assert.ok(isLayerType(base + suffix));
  }
  assert.ok(!isLayerType("application/vnd.cncf.helm.chart.content.v1.tar+gzip"));
  assert.ok(!isLayerType("application/vnd.dev.cosign.simplesigning.v1+json"));
});

test("foreign and encrypted layers are recognized", () => {
  assert.ok(isForeignLayerType(`${MediaType.dockerForeignLayer}.gzip`));
  assert.ok(isForeignLayerType(`${MediaType.ociNondistributableLayer}+gzip`));
  assert.ok(!isForeignLayerType(`${MediaType.ociLayer}+gzip`));
  assert.ok(isEncryptedLayerType(`${MediaType.ociLayer}+zstd+encrypted`));
});

test("types are made for a compression", () => {
  assert.equal(dockerLayerType("gzip"), "application/vnd.docker.image.rootfs.diff.tar.gzip");
  assert.equal(
    ociLayerType("none", dockerLayerType("gzip")),
    "application/vnd.oci.image.layer.v1.tar",
  );
  assert.equal(ociLayerType("zstd"), "application/vnd.oci.image.layer.v1.tar+zstd");
  assert.equal(
    ociLayerType("gzip", MediaType.dockerForeignLayer),
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  );
});
