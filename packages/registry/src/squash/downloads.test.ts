import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { compressionOf, decompress, digestOf, hexOf, indexImage, MediaType } from "@wharf/image";
import type { Image } from "@wharf/image";
import { librarySquash, withArchive } from "../testing/library-squash.ts";
import {
  blobOf,
  folder,
  imageOf,
  indexOf,
  manifestOf,
  smallImage,
  tarOf,
} from "../testing/test-image.ts";
import { everyRegistry, everyStorage, startTestRegistry } from "../testing/test-registry.ts";

/** Files of the merged tree of {@link smallImage}, as a tar lists them. */
const MERGED = ["etc/", "etc/name", "etc/kept", "etc/new"];

everyStorage((start) => {
  test("a squashed image has the bytes that the library makes of it", async () => {
    await using registry = await start();
    for (const compression of ["none", "gzip"] as const) {
      const image = smallImage(`of ${compression}`, { compression });
      await registry.pushImage("team/app", compression, image);
      const got = await registry.admin.get(`/c1/squash/team/app/${compression}`);
      assert.equal(got.status, 200);
      const expected = await librarySquash(
        image,
        `${registry.host}/team/app:${compression}.squash`,
      );
      assert.ok(got.body.equals(expected), "other bytes");
      const kept = await registry.admin.get(`/c1/squash/team/app/${compression}?from=1`);
      const keptExpected = await librarySquash(
        image,
        `${registry.host}/team/app:${compression}.squash`,
        1,
      );
      assert.ok(kept.body.equals(keptExpected), "other bytes when one layer stays");
    }
  });

  test("any part of it can be had, also across its borders and again after a restart", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    const path = "/c1/squash/team/app/latest";
    const whole = await registry.admin.get(path);
    const size = whole.body.length;
    const host = registry.host;
    const part = async (from: number, to: number): Promise<Buffer> => {
      const range = `bytes=${from}-${to - 1}`;
      const { status, headers, body } = await registry.admin.get(path, {
        headers: { range, host },
      });
      assert.equal(status, 206);
      assert.equal(headers["content-range"], `bytes ${from}-${to - 1}/${size}`);
      assert.equal(headers.etag, whole.headers.etag);
      return body;
    };
    for (let at = 0; at < size; at += 500) {
      const to = Math.min(size, at + 700);
      assert.ok((await part(at, to)).equals(whole.body.subarray(at, to)), `from ${at}`);
    }
    await registry.restart();
    assert.ok((await part(100, size)).equals(whole.body.subarray(100)));
  });
});

everyRegistry((start) => {
  test("headers tell length, source, name and entity tag before the first byte", async () => {
    await using registry = await start();
    const image = smallImage();
    await registry.pushImage("team/app", "v1.0", image);
    const path = "/c1/squash/team/app/v1.0";
    const head = await registry.admin.head(path);
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    const got = await registry.admin.get(path);
    for (const { headers } of [head, got]) {
      assert.equal(headers["content-length"], String(got.body.length));
      assert.equal(headers["content-type"], "application/x-tar");
      assert.equal(headers["docker-content-digest"], image.manifest.descriptor.digest);
      assert.equal(headers["content-disposition"], 'attachment; filename="app-v1.0.squash.tar"');
      assert.equal(headers["accept-ranges"], "bytes");
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.match(headers.etag ?? "", /^"[0-9a-f]{64}"$/);
    }
    const etag = got.headers.etag ?? "";
    assert.equal(head.headers.etag, etag);
    assert.equal(
      (await registry.admin.get(path, { headers: { "if-none-match": etag } })).status,
      304,
    );
    const tags = new Set<string | undefined>([etag]);
    for (const query of ["?format=oci", "?from=1", "?compression=gzip"]) {
      tags.add((await registry.admin.head(path + query)).headers.etag);
    }
    assert.equal(tags.size, 4);
    await registry.pushImage("team/app", "v1.0", smallImage("another"));
    const moved = await registry.admin.get(path, { headers: { "if-none-match": etag } });
    assert.equal(moved.status, 200);
    const digest = image.manifest.descriptor.digest;
    for (const by of [`/c1/squash/team/app/@${digest}`, `/c1/squash/team/app@${digest}`]) {
      const old = await registry.admin.get(by);
      assert.equal(old.headers["docker-content-digest"], digest);
      const label = hexOf(digest).slice(0, 12);
      assert.equal(
        old.headers["content-disposition"],
        `attachment; filename="app-${label}.squash.tar"`,
      );
    }
  });

  test("every format and compression is an archive of the same tree", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    for (const format of ["docker-archive", "oci"]) {
      for (const compression of ["none", "gzip", "zstd"]) {
        const path = `/c1/squash/team/app/latest?format=${format}&compression=${compression}`;
        const { status, body, headers } = await registry.admin.get(path);
        assert.equal(status, 200, path);
        assert.equal(headers["content-length"], String(body.length));
        await withArchive(body, async ([image]) => {
          assert.equal(image?.layers.length, 1);
          assert.deepEqual(image.names, [`${registry.host}/team/app:latest.squash`]);
          assert.deepEqual(await namesIn(image), MERGED);
        });
      }
    }
  });

  test("layers stay by number, layer digest, and the tag or digest of an image below", async () => {
    await using registry = await start();
    const base = imageOf([tarOf([folder("etc/"), { name: "etc/base", data: "x" }])]);
    const top = tarOf([folder("etc/"), { name: "etc/.wh.base" }, { name: "etc/top", data: "y" }]);
    const image = imageOf([...base.tars, top, tarOf([{ name: "more", data: "z" }])]);
    await registry.pushImage("team/app", "base", base);
    await registry.pushImage("team/app", "latest", image);
    const digest = base.manifest.descriptor.digest;
    const diffId = digestOf(base.tars[0] ?? Buffer.alloc(0));
    const bytes = new Set<string>();
    for (const from of ["1", diffId, base.blobs[1]?.descriptor.digest ?? "", "base", digest]) {
      const { status, body } = await registry.admin.get(`/c1/squash/team/app/latest?from=${from}`);
      assert.equal(status, 200, from);
      bytes.add(digestOf(body));
      await withArchive(body, async ([kept]) => assert.equal(kept?.layers.length, 2));
    }
    assert.equal(bytes.size, 1);
    for (const from of [
      "4",
      "-1",
      "nothing",
      "latest.squash",
      "%00",
      "..",
      "1e0",
      `sha256:${"0".repeat(64)}`,
      "sha256:x",
    ]) {
      const wrong = await registry.admin.get(`/c1/squash/team/app/latest?from=${from}`);
      assert.equal(wrong.outcome, "400 PARAMETER_INVALID", from);
      assert.equal(wrong.detail?.["parameter"], "from");
    }
  });

  test("a platform is chosen, and those there are are told", async () => {
    await using registry = await start();
    const images = {
      "linux/amd64": smallImage("amd"),
      "linux/arm64": smallImage("arm", { architecture: "arm64" }),
    };
    await registry.pushIndex("team/app", "latest", images);
    const source = async (query: string): Promise<string | undefined> => {
      const { headers } = await registry.admin.head(`/c1/squash/team/app/latest${query}`);
      return headers["docker-content-digest"]?.toString();
    };
    assert.equal(await source(""), images["linux/amd64"].manifest.descriptor.digest);
    assert.equal(
      await source("?platform=linux/arm64"),
      images["linux/arm64"].manifest.descriptor.digest,
    );
    const none = await registry.admin.get("/c1/squash/team/app/latest?platform=linux/s390x");
    assert.equal(none.outcome, "404 PLATFORM_UNKNOWN");
    assert.deepEqual(none.detail?.["available"], ["linux/amd64", "linux/arm64"]);
    for (const platform of ["linux", "a/b/c/d", "%00", "/", "linux/"]) {
      const wrong = await registry.admin.get(`/c1/squash/team/app/latest?platform=${platform}`);
      assert.equal(wrong.outcome, "400 PARAMETER_INVALID", platform);
    }
    const { digest } = images["linux/arm64"].manifest.descriptor;
    const single = await registry.admin.get(`/c1/squash/team/app@${digest}?platform=linux/amd64`);
    assert.equal(single.outcome, "404 PLATFORM_UNKNOWN");
    await registry.pushManifest(
      "team/app",
      "sparse",
      indexOf([{ mediaType: MediaType.ociManifest, digest: digestOf(Buffer.from("x")), size: 3 }]),
    );
    assert.equal(
      (await registry.admin.get("/c1/squash/team/app/sparse")).outcome,
      "404 PLATFORM_UNKNOWN",
    );
  });

  test("parameters that mean nothing are refused by name", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    for (const [path, parameter] of [
      ["squash/team/app/latest?compression=xz", "compression"],
      ["squash/team/app/latest?format=zip", "format"],
      ["squash/team/app/latest?format=oci&format=oci", "format"],
      ["archive/team/app/latest?from=1", "from"],
      ["archive/team/app/latest?compression=gzip", "compression"],
      ["archive/team/app/latest?compression=none&format=oci", "compression"],
      ["rootfs/team/app/latest?from=1", "from"],
    ] as const) {
      const wrong = await registry.admin.get(`/c1/${path}`);
      assert.equal(wrong.outcome, "400 PARAMETER_INVALID", path);
      assert.equal(wrong.detail?.["parameter"], parameter);
    }
  });

  test("what cannot be squashed is refused before the first byte, and the layer is named", async () => {
    await using registry = await start();
    const good = tarOf([{ name: "a", data: "x" }]);
    const damaged = imageOf([good], { compression: "none" });
    const cut = blobOf(good.subarray(0, 300), MediaType.ociLayer);
    const cases: Record<
      string,
      {
        blobs: readonly ReturnType<typeof blobOf>[];
        status: number;
        layer?: number;
        reason: RegExp;
      }
    > = {
      damaged: { blobs: [damaged.blobs[0] ?? cut, cut], status: 422, layer: 1, reason: /layer 1/ },
      "not-a-tar": {
        blobs: [damaged.blobs[0] ?? cut, blobOf(Buffer.alloc(2048, 7), MediaType.ociLayer)],
        status: 422,
        layer: 1,
        reason: /layer 1/,
      },
      encrypted: {
        blobs: [damaged.blobs[0] ?? cut, blobOf(good, `${MediaType.ociLayer}+encrypted`)],
        status: 422,
        layer: 1,
        reason: /encrypted/,
      },
      "other-diff-id": {
        blobs: [
          imageOf([good], { diffIds: [digestOf(Buffer.from("x"))] }).blobs[0] ?? cut,
          blobOf(good, MediaType.ociLayer),
        ],
        status: 422,
        layer: 1,
        reason: /another diffID/,
      },
      "too-few": {
        blobs: [imageOf([good, good]).blobs[0] ?? cut, blobOf(good, MediaType.ociLayer)],
        status: 422,
        reason: /2 layers/,
      },
      artifact: {
        blobs: [blobOf("{}", "application/x.thing"), blobOf(good, MediaType.ociLayer)],
        status: 415,
        reason: /application\/x\.thing/,
      },
    };
    for (const [tag, { blobs, status, layer, reason }] of Object.entries(cases)) {
      const [config, ...layers] = blobs;
      assert.ok(config);
      await registry.pushImage("team/app", tag, manifestOf(config, layers));
      for (const path of [
        `/c1/squash/team/app/${tag}`,
        `/c1/rootfs/team/app/${tag}`,
        `/v2/team/app/manifests/${tag}.squash`,
      ]) {
        for (const method of ["GET", "HEAD"]) {
          const refused = await registry.admin.ask(method, path, {});
          assert.equal(refused.status, status, `${method} ${path}`);
          if (method === "HEAD") continue;
          assert.equal(refused.outcome, `${status} SQUASH_REFUSED`);
          assert.match(refused.body.toString(), reason, path);
          if (layer !== undefined) assert.equal(refused.detail?.["layer"], layer, path);
        }
      }
    }
    const elsewhere = tarOf([{ name: "elsewhere", data: "x" }]);
    const away = blobOf(elsewhere, "application/vnd.oci.image.layer.nondistributable.v1.tar");
    const [config] = imageOf([elsewhere]).blobs;
    assert.ok(config);
    await registry.push("team/app", config);
    await registry.pushManifest("team/app", "foreign", manifestOf(config, [away]).manifest);
    const foreign = await registry.admin.get("/c1/squash/team/app/foreign");
    assert.equal(foreign.outcome, "422 SQUASH_REFUSED");
    assert.equal(foreign.detail?.["layer"], 1);
    assert.match(foreign.body.toString(), /foreign/);
    await registry.push("team/app", away);
    assert.equal((await registry.admin.get("/c1/squash/team/app/foreign")).status, 200);
  });

  test("an archive of several tags holds the layers that they share once", async () => {
    await using registry = await start();
    const shared = tarOf([{ name: "shared", data: randomBytes(50_000) }]);
    const images = ["one", "two"].map((name) => imageOf([shared, tarOf([{ name, data: name }])]));
    for (const [index, image] of images.entries())
      await registry.pushImage("team/app", ["one", "two"][index] ?? "", image);
    for (const query of ["", "?compression=none", "?format=oci"]) {
      const { status, body, headers } = await registry.admin.get(
        `/c1/archive/team/app/one,two${query}`,
      );
      assert.equal(status, 200, query);
      assert.equal(headers["content-length"], String(body.length));
      assert.ok(body.length < 90_000, `${body.length} bytes hold the shared layer once`);
      await withArchive(body, async (found) => {
        assert.deepEqual(
          found.flatMap(({ names }) => names),
          ["one", "two"].map((tag) => `${registry.host}/team/app:${tag}`),
        );
        for (const [index, each] of found.entries()) {
          assert.equal(each.configDigest, images[index]?.blobs[0]?.descriptor.digest);
          await using indexed = await indexImage(each);
          assert.equal(indexed.layers.length, 2);
        }
      });
    }
    const many = Array.from({ length: 51 }, () => "one").join(",");
    assert.equal(
      (await registry.admin.get(`/c1/archive/team/app/${many}`)).outcome,
      "400 TAG_INVALID",
    );
    assert.equal(
      (await registry.admin.get("/c1/archive/team/app/one,")).outcome,
      "400 TAG_INVALID",
    );
    assert.equal(
      (await registry.admin.get("/c1/archive/team/app/one,none")).outcome,
      "404 MANIFEST_UNKNOWN",
    );
    assert.equal(
      (await registry.admin.get("/c1/squash/team/app/one,two")).outcome,
      "400 TAG_INVALID",
    );
  });

  test("the root filesystem is the merged tree", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    const plain = await registry.admin.get("/c1/rootfs/team/app/latest");
    assert.deepEqual(tarNames(plain.body), MERGED);
    assert.equal(
      plain.headers["content-disposition"],
      'attachment; filename="app-latest.rootfs.tar"',
    );
    for (const [compression, type, suffix] of [
      ["gzip", "application/gzip", "gz"],
      ["zstd", "application/zstd", "zst"],
    ] as const) {
      const packed = await registry.admin.get(
        `/c1/rootfs/team/app/latest?compression=${compression}`,
      );
      assert.equal(packed.headers["content-type"], type);
      assert.match(packed.headers["content-disposition"] ?? "", new RegExp(`\\.tar\\.${suffix}"$`));
      assert.ok(unpacked(packed.body, compression).equals(plain.body));
    }
  });

  test("an image is downloaded by whoever may pull it, and refused before the first byte", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    const path = "/c1/squash/team/app/latest";
    const anonymous = await registry.client().get(path);
    assert.equal(anonymous.outcome, "401 UNAUTHORIZED");
    assert.match(
      anonymous.headers["www-authenticate"] ?? "",
      /^Basic realm="[^"]+",charset="UTF-8"$/,
    );
    const stranger = await registry.user("stranger");
    assert.equal((await stranger.get(path)).outcome, "404 NAME_UNKNOWN");
    const wrong = await registry.admin.get(path, { authorization: "Basic d3Jvbmc6d3Jvbmc=" });
    assert.equal(wrong.outcome, "401 UNAUTHORIZED");
    const robot = await registry.robot("ci");
    await registry.permit("team+ci", "team/app", "read");
    assert.equal((await robot.get(path)).status, 200);
    await registry.change("team/app", { visibility: "public" });
    assert.equal((await registry.client().get(path)).status, 200);
    assert.equal((await registry.admin.get(`${path}x`)).outcome, "404 MANIFEST_UNKNOWN");
    assert.equal((await registry.admin.post(path)).outcome, "405 UNSUPPORTED");
  });

  test("an image without layers is downloaded, and told why it cannot be pulled squashed", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "empty", imageOf([]));
    assert.equal((await registry.admin.get("/c1/archive/team/app/empty")).status, 200);
    assert.equal(
      (await registry.admin.get("/v2/team/app/manifests/empty.squash")).outcome,
      "422 SQUASH_REFUSED",
    );
  });
});

test("with no cache at all everything works the same", async () => {
  await using registry = await startTestRegistry({ config: { squash: { cacheBytes: 0 } } });
  const image = smallImage();
  await registry.pushImage("team/app", "latest", image);
  const expected = await librarySquash(image, `${registry.host}/team/app:latest.squash`);
  for (let round = 0; round < 2; round++) {
    const answers = await Promise.all(
      [1, 2, 3].map(() => registry.admin.get("/c1/squash/team/app/latest")),
    );
    for (const { body } of answers) assert.ok(body.equals(expected));
    const packed = await registry.admin.get("/c1/squash/team/app/latest?compression=zstd");
    await withArchive(packed.body, async ([found]) =>
      assert.deepEqual(found && (await namesIn(found)), MERGED),
    );
  }
});

test("more layers than any engine takes are refused, and cost little", async () => {
  await using registry = await startTestRegistry();
  const layer = blobOf(tarOf([]), MediaType.ociLayer);
  const layers = Array.from({ length: 501 }, () => layer);
  const { blobs } = imageOf([]);
  const config = blobs[0] ?? layer;
  await registry.push("team/app", config);
  await registry.push("team/app", layer);
  await registry.pushManifest("team/app", "many", manifestOf(config, layers).manifest);
  const refused = await registry.admin.get("/c1/squash/team/app/many");
  assert.equal(refused.outcome, "422 SQUASH_REFUSED");
  assert.match(refused.body.toString(), /501 layers/);
});

async function namesIn({ layers }: Image): Promise<string[]> {
  const [layer] = layers;
  if (layer === undefined) return [];
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompress(layer.blob, await compressionOf(layer.blob)))
    chunks.push(Uint8Array.from(chunk));
  return tarNames(Buffer.concat(chunks));
}

function unpacked(bytes: Uint8Array, compression: "gzip" | "zstd"): Buffer {
  return compression === "gzip" ? gunzipSync(bytes) : zstdDecompressSync(bytes);
}

/** Names of the entries of a tar with short names. */
function tarNames(tar: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const header = tar.subarray(at, at + 512);
    names.push(header.toString("latin1", 0, header.indexOf(0)));
    const size = Number.parseInt(header.toString("latin1", 124, 135), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
}
