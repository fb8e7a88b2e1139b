import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { digestOf, MediaType } from "@wharf/image";
import { GarbageCollector } from "../garbage/garbage-collector.ts";
import { SILENT_LOGGER } from "../log.ts";
import { textIn } from "../testing/http-client.ts";
import type { Json } from "../testing/http-client.ts";
import { librarySquash } from "../testing/library-squash.ts";
import { blobOf, indexOf, manifestOf, smallImage } from "../testing/test-image.ts";
import { everyRegistry, everyStorage, startTestRegistry } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";

interface Pulled {
  readonly digest: string;
  readonly manifest: Json;
  readonly config: Buffer;
  readonly layer: Buffer;
}

/** Pulls an image of one layer as an engine does: everything is checked against its digest. */
async function pull(
  registry: TestRegistry,
  reference: string,
  repository = "team/app",
): Promise<Pulled> {
  const manifest = await registry.admin.get(`/v2/${repository}/manifests/${reference}`);
  assert.equal(manifest.status, 200);
  assert.equal(manifest.headers["content-type"], MediaType.ociManifest);
  const digest = digestOf(manifest.body);
  assert.equal(manifest.headers["docker-content-digest"], digest);
  const blob = async (descriptor: Json | undefined): Promise<Buffer> => {
    const path = `/v2/${repository}/blobs/${textIn(descriptor?.["digest"])}`;
    const head = await registry.admin.head(path);
    assert.equal(head.headers["content-length"], JSON.stringify(descriptor?.["size"]));
    const { body } = await registry.admin.get(path);
    assert.equal(digestOf(body), descriptor?.["digest"]);
    return body;
  };
  const { json } = manifest;
  assert.equal(json["layers"]?.["length"], 1);
  return {
    digest,
    manifest: json,
    config: await blob(json["config"]),
    layer: await blob(json["layers"]?.["0"]),
  };
}

async function collect(registry: TestRegistry, now: number): Promise<void> {
  await using store = await registry.openStore();
  const { database, config } = registry;
  await new GarbageCollector({
    database,
    store,
    config,
    log: SILENT_LOGGER,
    now: () => now,
  }).collect();
}

const DAY = 86_400_000;

everyStorage((start) => {
  test("an image is pulled as one layer whose bytes are those of the download", async () => {
    await using registry = await start();
    const image = smallImage();
    await registry.pushImage("team/app", "latest", image);
    for (const [compression, unpack] of [
      ["none", (bytes: Buffer) => bytes],
      ["gzip", (bytes: Buffer) => gunzipSync(bytes)],
      ["zstd", (bytes: Buffer) => zstdDecompressSync(bytes)],
    ] as const) {
      await registry.change("team/app", { squashCompression: compression });
      const { manifest, config, layer } = await pull(registry, "latest.squash");
      const suffix = compression === "none" ? "" : `+${compression}`;
      assert.equal(
        manifest["layers"]?.["0"]?.["mediaType"],
        `application/vnd.oci.image.layer.v1.tar${suffix}`,
      );
      const plain = unpack(layer);
      const { rootfs } = JSON.parse(config.toString()) as { rootfs: { diff_ids: string[] } }; // as squashed
      assert.deepEqual(rootfs.diff_ids, [digestOf(plain)]);
      const archive = await librarySquash(image, "x/y:z");
      assert.ok(archive.includes(plain), "the layer of the library's archive");
      assert.ok(archive.includes(config), "the config of the library's archive");
    }
  });

  test("any range of the layer can be pulled, also after a restart without a cache", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    const { layer } = await pull(registry, "latest.squash");
    const path = `/v2/team/app/blobs/${digestOf(layer)}`;
    await registry.restart({ squash: { cacheBytes: 0 } });
    for (const [from, to] of [
      [0, 1],
      [100, 1000],
      [layer.length - 1, layer.length],
      [0, layer.length],
    ] as const) {
      const part = await registry.admin.get(path, {
        headers: { range: `bytes=${from}-${to - 1}` },
      });
      assert.equal(part.status, 206);
      assert.ok(part.body.equals(layer.subarray(from, to)));
    }
    const known = await registry.admin.get(path, {
      headers: { "if-none-match": `"${digestOf(layer)}"` },
    });
    assert.equal(known.status, 304);
  });
});

everyRegistry((start) => {
  test("a squashed image is found by digest, in its own repository alone, as long as its source is there", async () => {
    await using registry = await start();
    const image = smallImage();
    await registry.pushImage("team/app", "latest", image);
    await registry.pushImage("team/other", "latest", smallImage("other"));
    const { digest, manifest } = await pull(registry, "latest.squash");
    assert.equal((await pull(registry, digest)).digest, digest);
    const config = textIn(manifest["config"]?.["digest"]);
    const layer = textIn(manifest["layers"]?.["0"]?.["digest"]);
    const paths = [`manifests/${digest}`, `blobs/${config}`, `blobs/${layer}`];
    for (const path of paths) {
      assert.equal((await registry.admin.get(`/v2/team/other/${path}`)).status, 404, path);
      assert.equal((await registry.client().get(`/v2/team/app/${path}`)).status, 401, path);
    }
    await registry.admin.delete(`/v2/team/app/manifests/${image.manifest.descriptor.digest}`);
    for (const path of [...paths, "manifests/latest.squash"]) {
      assert.equal((await registry.admin.get(`/v2/team/app/${path}`)).status, 404, path);
    }
    await registry.pushManifest("team/app", "again", image.manifest);
    assert.equal((await pull(registry, "again.squash")).digest, digest);
  });

  test("two indexes that come to the same squashed index are both served by its digest", async () => {
    await using registry = await start();
    const image = smallImage();
    const digests: unknown[] = [];
    for (const name of ["team/one", "team/two"]) {
      await registry.pushImage(name, image.manifest.descriptor.digest, image);
      const index = indexOf([image.manifest.descriptor], { annotations: { name } });
      await registry.pushManifest(name, "latest", index);
      const tagged = await registry.admin.get(`/v2/${name}/manifests/latest.squash`);
      const digest = tagged.headers["docker-content-digest"];
      const named = await registry.admin.get(`/v2/${name}/manifests/${String(digest)}`);
      assert.equal(named.status, 200);
      digests.push(digest);
    }
    assert.equal(digests[0], digests[1]);
  });

  test("artifacts of an index are left out of its squashed index", async () => {
    await using registry = await start();
    const image = smallImage();
    const artifact = manifestOf(blobOf("{}", "application/vnd.example.thing"), []);
    await registry.pushImage("team/app", image.manifest.descriptor.digest, image);
    await registry.pushImage("team/app", artifact.manifest.descriptor.digest, artifact);
    const children = [image.manifest.descriptor, artifact.manifest.descriptor];
    await registry.pushManifest("team/app", "latest", indexOf(children));
    const index = await registry.admin.get("/v2/team/app/manifests/latest.squash");
    assert.equal(index.status, 200);
    assert.equal(Object.values(index.json["manifests"] ?? {}).length, 1);
  });

  test("a tag of several platforms is an index of squashed images", async () => {
    await using registry = await start();
    await registry.pushIndex("team/app", "latest", {
      "linux/amd64": smallImage("amd"),
      "linux/arm64": smallImage("arm", { architecture: "arm64" }),
    });
    const index = await registry.admin.get("/v2/team/app/manifests/latest.squash");
    assert.equal(index.headers["content-type"], MediaType.ociIndex);
    const digest = digestOf(index.body);
    assert.equal(index.headers["docker-content-digest"], digest);
    const children = Object.values(index.json["manifests"] ?? {});
    assert.deepEqual(
      children.map((child) => child?.["platform"]),
      [
        { architecture: "amd64", os: "linux" },
        { architecture: "arm64", os: "linux" },
      ],
    );
    for (const child of children) {
      const pulled = await pull(registry, textIn(child?.["digest"]));
      assert.equal(child?.["size"], JSON.stringify(pulled.manifest).length);
    }
    assert.ok(
      (await registry.admin.get(`/v2/team/app/manifests/${digest}`)).body.equals(index.body),
    );
    assert.equal((await registry.admin.get(`/v2/team/other/manifests/${digest}`)).status, 404);
  });

  test("a tag that somebody has pushed under the name wins", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    const own = indexOf([]);
    await registry.pushManifest("team/app", "latest.squash", own);
    assert.ok(
      (await registry.admin.get("/v2/team/app/manifests/latest.squash")).body.equals(own.bytes),
    );
    await registry.admin.delete("/v2/team/app/manifests/latest.squash");
    assert.equal(
      (await pull(registry, "latest.squash")).manifest["mediaType"],
      MediaType.ociManifest,
    );
    for (const tag of [".squash", "none.squash", "latest.squash.squash"]) {
      assert.match((await registry.admin.get(`/v2/team/app/manifests/${tag}`)).outcome, /^40[04] /);
    }
  });

  test("a squashed image can be pushed under a tag of its own, and stays when its source goes", async () => {
    await using registry = await start();
    const image = smallImage();
    await registry.pushImage("team/app", "latest", image);
    const before = await pull(registry, "latest.squash");
    const { body, headers } = await registry.admin.get("/v2/team/app/manifests/latest.squash");
    const put = await registry.admin.put("/v2/team/app/manifests/own", body, {
      headers: { "content-type": headers["content-type"] ?? "" },
    });
    assert.equal(put.status, 201);
    await registry.admin.delete(`/v2/team/app/manifests/${image.manifest.descriptor.digest}`);
    assert.deepEqual(await pull(registry, "own"), before);
  });

  test("a compressed layer is stored as long as its source lives", async () => {
    await using registry = await start();
    const image = smallImage();
    await registry.pushImage("team/app", "latest", image);
    await registry.change("team/app", { squashCompression: "gzip" });
    const { layer } = await pull(registry, "latest.squash");
    const isStored = async (): Promise<boolean> => {
      const hex = digestOf(layer).slice("sha256:".length);
      return (await registry.contents()).objects.some((key) => key.includes(hex));
    };
    await collect(registry, Date.now() + 30 * DAY);
    assert.ok(await isStored());
    assert.ok((await pull(registry, "latest.squash")).layer.equals(layer));
    await registry.admin.delete(`/v2/team/app/manifests/${image.manifest.descriptor.digest}`);
    await collect(registry, Date.now() + 60 * DAY);
    await collect(registry, Date.now() + 90 * DAY);
    assert.ok(!(await isStored()));
  });

  test("a repository can have its images squashed when they are pushed", async () => {
    await using registry = await start();
    await registry.push("team/app", Buffer.from("x"));
    await registry.change("team/app", { squashAtPush: true });
    const image = smallImage();
    await registry.pushImage("team/app", "latest", image);
    await registry.settled();
    const row = await registry.database.read
      .selectFrom("squashed_images")
      .select(["source_digest", "manifest_digest"])
      .executeTakeFirstOrThrow();
    assert.equal(row.source_digest, image.manifest.descriptor.digest);
    assert.equal((await pull(registry, "latest.squash")).digest, row.manifest_digest);
  });

  test("layers are indexed right after a push", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "latest", smallImage());
    await registry.settled();
    const rows = await registry.database.read.selectFrom("layer_indexes").select("state").execute();
    assert.deepEqual(rows, [{ state: "ready" }, { state: "ready" }]);
  });
});

test("many who ask for a new image at once make it once", async () => {
  await using registry = await startTestRegistry();
  await registry.pushImage("team/app", "latest", smallImage());
  await registry.settled();
  const answers = await Promise.all([
    ...Array.from({ length: 8 }, () => registry.admin.get("/v2/team/app/manifests/latest.squash")),
    ...Array.from({ length: 8 }, () => registry.admin.get("/c1/squash/team/app/latest")),
  ]);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const bodies = answers.map(({ body }) => createHash("sha256").update(body).digest("hex"));
  assert.equal(new Set(bodies).size, 2);
  const { body } = await registry.admin.get("/metrics");
  assert.match(body.toString(), /^wharf_squash\w*made\w*\{result="done"\} 1$/m);
  assert.equal(readdirSync(registry.config.squash.cacheFolder).length, 1);
});

test("who has waited long enough for a digest is told when to come again", async () => {
  await using registry = await startTestRegistry({ config: { squash: { waitTimeout: 0 } } });
  await registry.pushImage("team/app", "latest", smallImage());
  const early = await registry.admin.get("/v2/team/app/manifests/latest.squash");
  assert.equal(early.outcome, "503 UNAVAILABLE");
  assert.equal(early.headers["retry-after"], "10");
  const plain = await registry.admin.get("/c1/squash/team/app/latest");
  assert.equal(plain.status, 200, "what needs no digest in front is not waited for");
  await registry.restart({ squash: { waitTimeout: 60_000 } });
  assert.equal((await registry.admin.get("/v2/team/app/manifests/latest.squash")).status, 200);
});
