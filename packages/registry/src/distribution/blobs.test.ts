import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import { smallImage } from "../testing/test-image.ts";
import { everyRegistry, everyStorage } from "../testing/test-registry.ts";

everyStorage((start) => {
  test("a blob comes whole, in part, or not at all, from memory and from the store", async () => {
    await using registry = await start({ config: { registry: { smallBlobBytes: 1000 } } });
    for (const size of [1000, 700_000]) {
      const bytes = randomBytes(size);
      await registry.push("team/app", bytes);
      const path = `/v2/team/app/blobs/${digestOf(bytes)}`;
      const etag = `"${digestOf(bytes)}"`;
      const whole = await registry.admin.get(path);
      assert.equal(whole.status, 200);
      assert.ok(whole.body.equals(bytes));
      const {
        date: _date,
        "x-request-id": _id,
        connection: _c,
        "keep-alive": _k,
        ...headers
      } = whole.headers;
      assert.deepEqual(headers, {
        "content-length": String(size),
        "content-type": "application/octet-stream",
        "docker-content-digest": digestOf(bytes),
        "cache-control": "private, max-age=31536000, immutable",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "accept-ranges": "bytes",
        etag,
      });
      const head = await registry.admin.head(path);
      assert.equal(head.status, 200);
      assert.equal(head.body.length, 0);
      assert.equal(head.headers["content-length"], String(size));
      assert.equal(head.headers.etag, etag);
      const parts: [string, number, number][] = [
        ["bytes=0-0", 0, 1],
        ["bytes=500-", 500, size],
        ["bytes=-500", size - 500, size],
        [`bytes=999-${size * 2}`, 999, size],
        ["bytes=100-899", 100, 900],
      ];
      for (const [range, from, to] of parts) {
        const part = await registry.admin.get(path, { headers: { range } });
        assert.equal(part.status, 206, range);
        assert.equal(part.headers["content-range"], `bytes ${from}-${to - 1}/${size}`);
        assert.ok(part.body.equals(bytes.subarray(from, to)), range);
        const matching = await registry.admin.get(path, { headers: { range, "if-range": etag } });
        assert.equal(matching.status, 206);
        for (const other of [`W/${etag}`, '"x"', "Sat, 21 Nov 2026 00:00:00 GMT"]) {
          const changed = await registry.admin.get(path, { headers: { range, "if-range": other } });
          assert.equal(changed.status, 200);
          assert.equal(changed.body.length, size);
        }
        const ofHead = await registry.admin.head(path, { headers: { range } });
        assert.equal(ofHead.status, 200, "ranges are for GET alone");
        assert.equal(ofHead.headers["content-length"], String(size));
      }
      for (const range of [`bytes=${size}-`, "bytes=500-0", "bytes=-0"]) {
        const outside = await registry.admin.get(path, { headers: { range } });
        assert.equal(outside.outcome, "416 RANGE_INVALID", range);
        assert.equal(outside.headers["content-range"], `bytes */${size}`);
      }
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
        const same = await registry.admin.get(path, {
          headers: { "if-none-match": known, range: "bytes=0-0" },
        });
        assert.equal(same.status, 304);
        assert.equal(same.headers.etag, etag);
      }
      const other = await registry.admin.get(path, { headers: { "if-none-match": '"x"' } });
      assert.equal(other.status, 200);
    }
  });

  test("the empty blob has a length of 0, by GET and HEAD", async () => {
    await using registry = await start();
    await registry.push("team/app", Buffer.alloc(0));
    const path = `/v2/team/app/blobs/${digestOf(Buffer.alloc(0))}`;
    for (const method of ["GET", "HEAD"]) {
      const empty = await registry.admin.ask(method, path, {});
      assert.equal(empty.status, 200);
      assert.equal(empty.headers["content-length"], "0");
    }
    assert.equal((await registry.admin.get(path, { headers: { range: "bytes=0-0" } })).status, 416);
  });
});

everyRegistry((start) => {
  test("a blob that a manifest needs cannot be deleted; afterwards it is gone at once, and comes back with a push", async () => {
    await using registry = await start();
    const image = smallImage();
    const { digest } = image.manifest.descriptor;
    const layer = image.blobs[1]?.descriptor.digest ?? "";
    const path = `/v2/team/app/blobs/${layer}`;
    await registry.pushImage("team/app", "latest", image);
    await registry.pushImage("team/other", "latest", image);
    const refused = await registry.admin.delete(path);
    assert.equal(refused.outcome, "405 UNSUPPORTED");
    assert.deepEqual(refused.detail, { digest: layer, manifest: digest });
    assert.equal((await registry.admin.delete(`/v2/team/app/manifests/${digest}`)).status, 202);
    assert.equal((await registry.admin.get(path)).status, 200);
    const deleted = await registry.admin.delete(path);
    assert.equal(deleted.status, 202);
    assert.equal(deleted.headers["docker-content-digest"], layer);
    for (const method of ["GET", "HEAD", "DELETE"]) {
      assert.equal((await registry.admin.ask(method, path, {})).status, 404, method);
    }
    assert.equal((await registry.admin.get(`/v2/team/other/blobs/${layer}`)).status, 200);
    const early = await registry.admin.put(`/v2/team/app/manifests/latest`, image.manifest.bytes, {
      headers: { "content-type": image.manifest.descriptor.mediaType },
    });
    assert.equal(early.outcome, "404 MANIFEST_BLOB_UNKNOWN");
    await registry.pushImage("team/app", "latest", image);
    assert.equal((await registry.admin.get(path)).status, 200);
  });

  test("who may not read a repository sees none of its blobs", async () => {
    await using registry = await start();
    const bytes = randomBytes(100);
    await registry.push("team/app", bytes);
    await registry.push("team/other", Buffer.from("x"));
    const path = `/v2/team/app/blobs/${digestOf(bytes)}`;
    const stranger = await registry.user("stranger");
    assert.equal((await stranger.get(path)).outcome, "404 NAME_UNKNOWN");
    assert.equal((await registry.client().get(path)).outcome, "401 UNAUTHORIZED");
    const elsewhere = await registry.admin.get(path.replace("app", "other"));
    assert.equal(elsewhere.outcome, "404 BLOB_UNKNOWN");
    assert.deepEqual(elsewhere.detail, { digest: digestOf(bytes) });
    await registry.change("team/app", { visibility: "public" });
    assert.equal((await registry.client().get(path)).status, 200);
    assert.equal((await stranger.delete(path)).outcome, "403 DENIED");
  });
});
