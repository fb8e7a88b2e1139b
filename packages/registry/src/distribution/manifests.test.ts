import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { digestOf, MediaType } from "@wharf/image";
import type { Answer, HttpClient } from "../testing/http-client.ts";
import { blobOf, indexOf, manifestOf, smallImage } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";

const APP = "/v2/team/app/manifests/";

function put(
  client: HttpClient,
  reference: string,
  text: string | Uint8Array,
  type: string,
): Promise<Answer> {
  return client.put(APP + reference, text, { headers: { "content-type": type } });
}

everyRegistry((start) => {
  test("a manifest is served byte for byte with the type it was pushed with, by tag and digest", async () => {
    await using registry = await start();
    const { blobs } = smallImage();
    for (const blob of blobs) await registry.push("team/app", blob);
    const [config, ...layers] = blobs.map(({ descriptor }) => descriptor);
    const odd = `\n{ "x": [1e2, "\\u00e9é"],  "layers": ${JSON.stringify(layers)},"config":${JSON.stringify(config)}, "schemaVersion":2}\n`;
    const digest = digestOf(Buffer.from(odd));
    const pushed = await put(registry.admin, "odd", odd, MediaType.dockerManifest);
    assert.equal(pushed.status, 201);
    assert.equal(pushed.headers.location, `${APP}${digest}`);
    assert.equal(pushed.headers["docker-content-digest"], digest);
    for (const reference of ["odd", digest]) {
      const got = await registry.admin.get(APP + reference);
      assert.equal(got.body.toString(), odd);
      assert.equal(got.headers["content-type"], MediaType.dockerManifest);
      assert.equal(got.headers["docker-content-digest"], digest);
      assert.equal(got.headers.etag, `"${digest}"`);
      const head = await registry.admin.head(APP + reference);
      assert.equal(head.headers["content-length"], String(Buffer.byteLength(odd)));
      assert.equal(head.headers["docker-content-digest"], digest);
      const known = await registry.admin.get(APP + reference, {
        headers: { "if-none-match": `"${digest}"` },
      });
      assert.equal(known.status, 304);
    }
  });

  test("a manifest is pushed by sha256 and sha512, with tags beside, and refused under another digest", async () => {
    await using registry = await start();
    const { blobs, manifest } = smallImage();
    for (const blob of blobs) await registry.push("team/app", blob);
    const long = `sha512:${createHash("sha512").update(manifest.bytes).digest("hex")}`;
    const { mediaType, digest } = manifest.descriptor;
    for (const name of [digest, long]) {
      const tagged = await put(
        registry.admin,
        `${name}?tag=a&tag=b&tag=a`,
        manifest.bytes,
        mediaType,
      );
      assert.equal(tagged.status, 201);
      assert.equal(tagged.headers["oci-tag"], "a, b");
      for (const tag of ["a", "b"]) {
        const got = await registry.admin.get(APP + tag);
        assert.equal(got.headers["docker-content-digest"], name);
        assert.ok(got.body.equals(manifest.bytes));
      }
    }
    const other = digestOf(Buffer.from("x"));
    const wrong = await put(registry.admin, `${other}?tag=c`, manifest.bytes, mediaType);
    assert.equal(wrong.outcome, "400 DIGEST_INVALID");
    assert.deepEqual(wrong.detail, { expected: other, actual: digest });
    assert.equal((await registry.admin.get(`${APP}c`)).outcome, "404 MANIFEST_UNKNOWN");
    const bad = await put(
      registry.admin,
      `${digest}?tag=good&tag=b%20ad`,
      manifest.bytes,
      mediaType,
    );
    assert.equal(bad.outcome, "400 TAG_INVALID");
    assert.equal((await registry.admin.get(`${APP}good`)).status, 404);
    const many = Array.from({ length: 101 }, (_, number) => `tag=t${number}`).join("&");
    const tooMany = await put(registry.admin, `${digest}?${many}`, manifest.bytes, mediaType);
    assert.equal(tooMany.outcome, "413 PARAMETER_INVALID");
  });

  test("every blob that is missing is named, and nothing is stored", async () => {
    await using registry = await start();
    const { blobs, manifest } = smallImage();
    const [config, first, second] = blobs;
    assert.ok(config && first && second);
    await registry.push("team/app", config);
    const before = await registry.contents();
    const refused = await put(registry.admin, "latest", manifest.bytes, MediaType.ociManifest);
    assert.equal(refused.outcome, "404 MANIFEST_BLOB_UNKNOWN");
    assert.deepEqual(refused.detail, [
      { digest: first.descriptor.digest, field: "layers[0]" },
      { digest: second.descriptor.digest, field: "layers[1]" },
    ]);
    // In another repository they are of no use.
    for (const blob of blobs) await registry.push("team/other", blob);
    const again = await put(registry.admin, "latest", manifest.bytes, MediaType.ociManifest);
    assert.equal(again.outcome, "404 MANIFEST_BLOB_UNKNOWN");
    const { manifests, tags } = await registry.contents();
    assert.deepEqual({ manifests, tags }, { manifests: before.manifests, tags: before.tags });
  });

  test("a size that the blob does not have is refused", async () => {
    await using registry = await start();
    const config = blobOf("{}", MediaType.ociConfig);
    const layer = blobOf("layer", MediaType.ociLayer);
    await registry.push("team/app", config);
    await registry.push("team/app", layer);
    const lie = { ...layer, descriptor: { ...layer.descriptor, size: 6 } };
    for (const urls of [undefined, ["https://example.com"]]) {
      const described = { ...lie, descriptor: { ...lie.descriptor, urls } };
      const { manifest } = manifestOf(config, [layer, described]);
      const refused = await put(registry.admin, "x", manifest.bytes, MediaType.ociManifest);
      assert.equal(refused.outcome, "400 MANIFEST_INVALID");
      assert.deepEqual(refused.detail, {
        field: "layers[1].size",
        digest: layer.descriptor.digest,
      });
    }
  });

  test("a layer that lies elsewhere may be missing; one that was pushed is kept with the manifest", async () => {
    await using registry = await start();
    const config = blobOf("{}", MediaType.ociConfig);
    const urls = ["https://example.com/layer"];
    const here = blobOf("here", MediaType.ociLayer, { urls });
    const away = blobOf("away", MediaType.ociLayer, { urls });
    await registry.push("team/app", config);
    await registry.push("team/app", here);
    await registry.pushManifest("team/app", "x", manifestOf(config, [here, away]).manifest);
    const rows = await registry.database.read
      .selectFrom("manifest_blobs")
      .select("blob_digest")
      .execute();
    assert.deepEqual(
      rows.map(({ blob_digest: digest }) => digest).toSorted(),
      [config.descriptor.digest, here.descriptor.digest].toSorted(),
    );
    const path = `/v2/team/app/blobs/${here.descriptor.digest}`;
    assert.equal((await registry.admin.delete(path)).outcome, "405 UNSUPPORTED");
  });

  test("indexes are taken with absent children, nested, and with subjects", async () => {
    await using registry = await start();
    const absent = {
      mediaType: MediaType.ociManifest,
      digest: digestOf(Buffer.from("gone")),
      size: 7,
    };
    const sparse = indexOf([absent]);
    await registry.pushManifest("team/app", "sparse", sparse);
    const nested = indexOf([sparse.descriptor], { subject: absent });
    const pushed = await put(registry.admin, "nested", nested.bytes, MediaType.ociIndex);
    assert.equal(pushed.headers["oci-subject"], absent.digest);
    assert.ok((await registry.admin.get(`${APP}nested`)).body.equals(nested.bytes));
    const child = await registry.admin.get(APP + absent.digest);
    assert.equal(child.outcome, "404 MANIFEST_UNKNOWN");
    assert.deepEqual(child.detail, { digest: absent.digest });
  });

  test("a manifest of 4 MiB is taken, a longer one is not, whatever it says of its length", async () => {
    await using registry = await start();
    const most = 4 * 1024 * 1024;
    const of = (length: number): string => {
      const text = JSON.stringify({ schemaVersion: 2, mediaType: "application/x.y", pad: "" });
      return text.replace('"pad":""', `"pad":"${"p".repeat(length - text.length)}"`);
    };
    const full = of(most);
    assert.equal((await put(registry.admin, "full", full, "application/x.y")).status, 201);
    assert.equal((await registry.admin.get(`${APP}full`)).body.toString(), full);
    const announced = await put(registry.admin, "more", of(most + 1), "application/x.y");
    assert.equal(announced.outcome, "413 MANIFEST_INVALID");
    assert.deepEqual(announced.detail, { limit: most });
    const chunks = (async function* () {
      yield Buffer.from(of(most + 1));
    })();
    const streamed = await registry.admin.put(`${APP}more`, chunks, {
      headers: { "content-type": "application/x.y" },
    });
    assert.equal(streamed.outcome, "413 MANIFEST_INVALID");
    assert.equal((await registry.admin.get(`${APP}more`)).status, 404);
  });

  test("a deleted manifest and its tags are gone at once; a push brings it back", async () => {
    await using registry = await start();
    const image = smallImage();
    const { digest } = image.manifest.descriptor;
    await registry.pushImage("team/app", "one", image);
    await registry.pushManifest("team/app", "two", image.manifest);
    assert.equal((await registry.admin.delete(`${APP}one`)).status, 202);
    assert.equal((await registry.admin.get(`${APP}one`)).outcome, "404 MANIFEST_UNKNOWN");
    assert.equal((await registry.admin.delete(`${APP}one`)).outcome, "404 MANIFEST_UNKNOWN");
    assert.equal((await registry.admin.get(`${APP}two`)).status, 200);
    const deleted = await registry.admin.delete(APP + digest);
    assert.equal(deleted.status, 202);
    assert.equal(deleted.headers["docker-content-digest"], digest);
    for (const reference of ["two", digest]) {
      assert.equal((await registry.admin.head(APP + reference)).status, 404);
      assert.equal((await registry.admin.delete(APP + reference)).status, 404);
    }
    await registry.pushManifest("team/app", "three", image.manifest);
    assert.equal((await registry.admin.get(APP + digest)).status, 200);
    assert.equal((await registry.admin.get(`${APP}two`)).status, 404);
    const list = await registry.admin.get("/v2/team/app/tags/list");
    assert.deepEqual(list.json["tags"], ["three"]);
  });

  test("a tag's history is its intervals; pushing the same again changes nothing", async () => {
    let now = 1_800_000_000_000;
    await using registry = await start({ now: () => now });
    const [one, two] = [smallImage("one"), smallImage("two")];
    await registry.pushImage("team/app", "latest", one);
    now += 1000;
    await registry.pushImage("team/app", "latest", one);
    now += 1000;
    await registry.pushImage("team/app", "latest", two);
    now += 1000;
    await registry.admin.delete(`${APP}latest`);
    now += 1000;
    await registry.pushManifest("team/app", "latest", one.manifest);
    const rows = await registry.database.read
      .selectFrom("tags")
      .select(["manifest_digest", "started_at", "ended_at", "started_by"])
      .orderBy("id")
      .execute();
    const start0 = 1_800_000_000_000;
    const by = "admin";
    assert.deepEqual(
      rows.map((row) => [
        row.manifest_digest,
        row.started_at - start0,
        row.ended_at === null ? null : row.ended_at - start0,
        row.started_by,
      ]),
      [
        [one.manifest.descriptor.digest, 0, 2000, by],
        [two.manifest.descriptor.digest, 2000, 3000, by],
        [one.manifest.descriptor.digest, 4000, null, by],
      ],
    );
  });

  test("pushes of one tag at the same time leave it at one of them, with a history without gaps", async () => {
    await using registry = await start();
    const images = Array.from({ length: 6 }, (_, number) => smallImage(`image ${number}`));
    for (const { blobs } of images) for (const blob of blobs) await registry.push("team/app", blob);
    await Promise.all(
      images.map(({ manifest }) => registry.pushManifest("team/app", "latest", manifest)),
    );
    const rows = await registry.database.read
      .selectFrom("tags")
      .select(["manifest_digest", "ended_at"])
      .execute();
    assert.equal(rows.length, images.length);
    const open = rows.filter((row) => row.ended_at === null);
    assert.equal(open.length, 1);
    const got = await registry.admin.get(`${APP}latest`);
    assert.equal(got.headers["docker-content-digest"], open[0]?.manifest_digest);
  });
});
