import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { type Digest, digestOf, hexOf } from "../src/document/digest.ts";
import { ImageError } from "../src/image-error.ts";
import { openImagePath } from "../src/open-image.ts";
import { file } from "./entries.ts";
import { layerTar } from "./tar-builder.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

test("[rule 52] an index gives one image for each platform, attestations are left out", async () => {
  using layout = new Layout();
  layout.add("linux", "amd64");
  layout.add("linux", "arm64");
  layout.add("unknown", "unknown");
  await using source = await openImagePath(layout.finish());
  const platforms = source.images.map(
    ({ platform: { os, architecture } }) => `${os}/${architecture}`,
  );
  assert.deepEqual(platforms.toSorted(), ["linux/amd64", "linux/arm64"]);
});

test("[135] [rule 50] a Windows image is refused", async () => {
  using layout = new Layout();
  layout.add("windows", "amd64");
  await assert.rejects(
    openImagePath(layout.finish()),
    (error) => error instanceof ImageError && error.code === "unsupported",
  );
});

/** An OCI layout in a temporary folder. */
class Layout implements Disposable {
  readonly #path = mkdtempSync(join(tmpdir(), "wharf-layout-"));
  readonly #manifests: unknown[] = [];

  constructor() {
    mkdirSync(join(this.#path, "blobs/sha256"), { recursive: true });
  }

  add(os: string, architecture: string): void {
    const tar = layerTar([file("platform", `${os}/${architecture}`)]);
    const rootfs = { type: "layers", diff_ids: [digestOf(tar)] };
    const config = this.#blob(
      Buffer.from(JSON.stringify({ os, architecture, rootfs })),
      "application/vnd.oci.image.config.v1+json",
    );
    const layers = [this.#blob(tar, "application/vnd.oci.image.layer.v1.tar")];
    const manifest = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers }),
    );
    this.#manifests.push({ ...this.#blob(manifest, MANIFEST), platform: { os, architecture } });
  }

  finish(): string {
    writeFileSync(join(this.#path, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    writeFileSync(
      join(this.#path, "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: this.#manifests }),
    );
    return this.#path;
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true });
  }

  #blob(bytes: Buffer, mediaType: string): { mediaType: string; digest: Digest; size: number } {
    const digest = digestOf(bytes);
    writeFileSync(join(this.#path, "blobs/sha256", hexOf(digest)), bytes);
    return { mediaType, digest, size: bytes.length };
  }
}
