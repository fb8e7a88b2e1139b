import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import type { Answer } from "../testing/http-client.ts";
import { everyRegistry, everyStorage, startTestRegistry } from "../testing/test-registry.ts";
import type { Contents, TestRegistry } from "../testing/test-registry.ts";

const UPLOADS = "/v2/team/app/blobs/uploads/";
/** Longer than what is stored without an upload of its own. */
const LARGE = 300 * 1024;

function sha512(bytes: Uint8Array): string {
  return `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
}

async function begin(registry: TestRegistry): Promise<string> {
  const { status, headers } = await registry.admin.post(UPLOADS);
  assert.equal(status, 202);
  assert.ok(headers.location !== undefined);
  return headers.location;
}

function withDigest(location: string, digest: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}digest=${digest}`;
}

function locationOf({ headers }: Answer): string {
  assert.ok(headers.location !== undefined);
  return headers.location;
}

async function assertStored(
  registry: TestRegistry,
  bytes: Uint8Array,
  digest = digestOf(bytes) as string,
): Promise<void> {
  const got = await registry.admin.get(`/v2/team/app/blobs/${digest}`);
  assert.equal(got.status, 200);
  assert.ok(got.body.equals(bytes), "other bytes came back");
  assert.equal(got.headers["docker-content-digest"], digest);
}

everyStorage((start) => {
  test("a blob comes in one request, small and large, by sha256 and sha512, with and without a length", async () => {
    await using registry = await start();
    for (const size of [0, 1, 1000, LARGE]) {
      for (const name of [digestOf, sha512]) {
        const bytes = randomBytes(size);
        const digest = name(bytes);
        const whole = await registry.admin.post(`${UPLOADS}?digest=${digest}`, bytes);
        assert.equal(whole.status, 201);
        assert.equal(whole.headers["docker-content-digest"], digest);
        assert.equal(whole.headers.location, `/v2/team/app/blobs/${digest}`);
        await assertStored(registry, bytes, digest);
      }
    }
    const bytes = randomBytes(1000);
    const streamed = await registry.admin.post(
      `${UPLOADS}?digest=${digestOf(bytes)}`,
      pieces(bytes, 3),
    );
    assert.equal(streamed.status, 201);
    await assertStored(registry, bytes);
  });

  test("a blob comes in chunks, each where the last answer says", async () => {
    await using registry = await start();
    const bytes = randomBytes(LARGE);
    let location = await begin(registry);
    for (const [from, to] of [
      [0, 100_000],
      [100_000, 100_001],
      [100_001, LARGE - 5],
    ] as const) {
      const range = { "content-range": `${from}-${to - 1}` };
      const patched = await registry.admin.patch(location, bytes.subarray(from, to), {
        headers: range,
      });
      assert.equal(patched.status, 202);
      assert.equal(patched.headers.range, `0-${to - 1}`);
      location = locationOf(patched);
      const status = await registry.admin.get(location);
      assert.equal(status.status, 204);
      assert.equal(status.headers.range, `0-${to - 1}`);
      location = locationOf(status);
    }
    const last = { headers: { "content-range": `${LARGE - 5}-${LARGE - 1}` } };
    const put = await registry.admin.put(
      withDigest(location, digestOf(bytes)),
      bytes.subarray(-5),
      last,
    );
    assert.equal(put.status, 201);
    await assertStored(registry, bytes);
  });

  test("an upload goes on after a restart of the server", async () => {
    await using registry = await start();
    const bytes = randomBytes(LARGE);
    const patched = await registry.admin.patch(await begin(registry), bytes.subarray(0, 200_000));
    await registry.restart();
    const status = await registry.admin.get(locationOf(patched));
    assert.equal(status.headers.range, "0-199999");
    const more = await registry.admin.patch(locationOf(status), bytes.subarray(200_000));
    assert.equal(more.headers.range, `0-${LARGE - 1}`);
    await registry.restart();
    const put = await registry.admin.put(withDigest(locationOf(more), sha512(bytes)), "");
    assert.equal(put.status, 201);
    await assertStored(registry, bytes, sha512(bytes));
  });

  test("what came before a client left is kept, and the upload goes on there", async () => {
    await using registry = await start();
    const bytes = randomBytes(LARGE);
    const location = await begin(registry);
    const authorization = registry.authorization;
    {
      using raw = await registry.raw();
      await raw.send(
        `PATCH ${location} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: ${LARGE}\r\n\r\n`,
      );
      await raw.send(bytes.subarray(0, 100_000));
      raw.socket.end(); // everything was sent before, so everything arrives
      await raw.ended();
    }
    // The request that asks waits for nobody: the bytes are recorded when they are durable.
    let size = 0;
    while (size === 0) {
      const { headers } = await registry.admin.get(location);
      size = Number(headers.range?.split("-")[1]);
    }
    assert.equal(size, 99_999);
    const range = { headers: { "content-range": `${size + 1}-${LARGE - 1}` } };
    const put = await registry.admin.put(
      withDigest(location, digestOf(bytes)),
      bytes.subarray(size + 1),
      range,
    );
    assert.equal(put.status, 201);
    await assertStored(registry, bytes);
  });

  test("content with another digest is refused and leaves nothing behind", async () => {
    await using registry = await start();
    await registry.push("team/app", randomBytes(5));
    await registry.settled();
    const before = await registry.contents();
    for (const size of [100, LARGE]) {
      const wrong = digestOf(Buffer.from("something else"));
      const bytes = randomBytes(size);
      const whole = await registry.admin.post(`${UPLOADS}?digest=${wrong}`, bytes);
      assert.equal(whole.outcome, "400 DIGEST_INVALID");
      assert.deepEqual(whole.detail, { expected: wrong, actual: digestOf(bytes) });
      const missing = await registry.admin.head(`/v2/team/app/blobs/${wrong}`);
      assert.equal(missing.status, 404);
    }
    assert.deepEqual(await registry.contents(), before);
    const patched = await registry.admin.patch(await begin(registry), randomBytes(LARGE));
    const put = await registry.admin.put(
      withDigest(locationOf(patched), digestOf(Buffer.from("other"))),
      "",
    );
    assert.equal(put.outcome, "400 DIGEST_INVALID");
    assert.deepEqual(await objectsOf(registry), objectsIn(before));
    const after = await registry.admin.get(locationOf(patched));
    assert.equal(after.outcome, "404 BLOB_UPLOAD_UNKNOWN");
  });
});

everyRegistry((start) => {
  test("chunks out of order are refused with the place to go on, and the upload stays whole", async () => {
    await using registry = await start();
    const bytes = randomBytes(3000);
    const location = await begin(registry);
    const at = (range: string, body: Uint8Array): Promise<Answer> =>
      registry.admin.patch(location, body, { headers: { "content-range": range } });
    assert.equal((await at("0-999", bytes.subarray(0, 1000))).status, 202);
    const ahead = await at("2000-2999", bytes.subarray(2000));
    assert.equal(ahead.outcome, "416 RANGE_INVALID");
    assert.equal(ahead.headers.range, "0-999");
    assert.equal(ahead.headers.location, location);
    const again = await at("0-999", bytes.subarray(0, 1000));
    assert.equal(again.outcome, "416 RANGE_INVALID");
    for (const range of ["1000-1999", "1000-1000", "1999-1000", "1000-", "-1999", "bytes", "a-b"]) {
      const odd = await at(range, bytes.subarray(1000, 1500));
      assert.equal(odd.outcome, "416 SIZE_INVALID", range);
    }
    const early = await registry.admin.put(
      withDigest(location, digestOf(bytes)),
      bytes.subarray(2000),
      {
        headers: { "content-range": "2000-2999" },
      },
    );
    assert.equal(early.outcome, "416 RANGE_INVALID");
    const status = await registry.admin.get(withDigest(location, digestOf(bytes)));
    assert.equal(status.headers.range, "0-999");
    assert.equal((await at("1000-2999", bytes.subarray(1000))).status, 202);
    assert.equal((await registry.admin.put(withDigest(location, digestOf(bytes)), "")).status, 201);
    await assertStored(registry, bytes);
  });

  test("an answer that was lost can be asked for again", async () => {
    await using registry = await start();
    const small = randomBytes(500);
    const location = await begin(registry);
    const url = withDigest(location, digestOf(small));
    assert.equal((await registry.admin.put(url, small)).status, 201);
    assert.equal((await registry.admin.put(url, small)).status, 201);
    const large = randomBytes(LARGE);
    const patched = await registry.admin.patch(await begin(registry), large);
    const end = withDigest(locationOf(patched), digestOf(large));
    assert.equal((await registry.admin.put(end, "")).status, 201);
    // The upload is over; the client finds the blob when it looks, as it does before it uploads.
    assert.equal((await registry.admin.put(end, "")).outcome, "404 BLOB_UPLOAD_UNKNOWN");
    await assertStored(registry, large);
  });

  test("a cancelled upload is gone, its bytes too", async () => {
    await using registry = await start();
    await registry.push("team/app", randomBytes(5));
    const before = await registry.contents();
    for (const size of [0, 10, LARGE]) {
      const location = await begin(registry);
      await registry.admin.patch(location, randomBytes(size));
      assert.equal((await registry.admin.delete(location)).status, 204);
      for (const method of ["GET", "PATCH", "DELETE"]) {
        const { outcome } = await registry.admin.ask(method, location, {});
        assert.equal(outcome, "404 BLOB_UPLOAD_UNKNOWN", method);
      }
    }
    assert.deepEqual(await objectsOf(registry), objectsIn(before));
  });

  test("an upload is of no use to others, in another repository, later than allowed, or changed", async () => {
    let now = Date.now();
    await using registry = await start({
      now: () => now,
      config: { registry: { uploadExpiration: 60_000 } },
    });
    await registry.push("team/other", randomBytes(5));
    const robot = await registry.robot("ci");
    const location = await begin(registry);
    await registry.permit("team+ci", "team/app", "write");
    const id = location.slice(UPLOADS.length);
    const flipped = (id.startsWith("0") ? "1" : "0") + id.slice(1);
    const moved = location.replace("/app/", "/other/");
    for (const [client, path] of [
      [robot, location],
      [registry.admin, moved],
      [registry.admin, UPLOADS + flipped],
      [registry.admin, `${UPLOADS}${id}0`],
      [registry.admin, UPLOADS + id.slice(1)],
      [registry.admin, UPLOADS + id.toUpperCase().replace(/^0+/, "")],
    ] as const) {
      for (const method of ["GET", "PATCH", "PUT", "DELETE"]) {
        const url = withDigest(path, digestOf(Buffer.from("x")));
        assert.equal(
          (await client.ask(method, url, { body: "x" })).outcome,
          "404 BLOB_UPLOAD_UNKNOWN",
        );
      }
    }
    assert.equal((await registry.admin.get(location)).status, 204);
    now += 61_000;
    assert.equal((await registry.admin.get(location)).outcome, "404 BLOB_UPLOAD_UNKNOWN");
  });

  test("a blob longer than allowed is refused, announced or not", async () => {
    await using registry = await start({ config: { registry: { blobBytes: 1000 } } });
    await registry.push("team/app", randomBytes(1000));
    const before = await registry.contents();
    const bytes = randomBytes(1001);
    const digest = digestOf(bytes);
    const whole = await registry.admin.post(`${UPLOADS}?digest=${digest}`, bytes);
    assert.equal(whole.outcome, "413 SIZE_INVALID");
    assert.deepEqual(whole.detail, { limit: 1000 });
    const streamed = await registry.admin.patch(await begin(registry), pieces(bytes, 2));
    assert.equal(streamed.outcome, "413 SIZE_INVALID");
    const location = await begin(registry);
    assert.equal((await registry.admin.patch(location, bytes.subarray(0, 999))).status, 202);
    assert.equal((await registry.admin.patch(location, "ab")).outcome, "413 SIZE_INVALID");
    assert.equal((await registry.admin.get(location)).headers.range, "0-998");
    assert.equal((await registry.admin.delete(location)).status, 204);
    assert.deepEqual(await objectsOf(registry), objectsIn(before));
  });

  test("a blob that several clients push at the same time is stored once", async () => {
    await using registry = await start();
    const bytes = randomBytes(LARGE);
    const digest = digestOf(bytes);
    const repositories = ["team/app", "team/app", "team/app", "team/other", "team/other"];
    const answers = await Promise.all(
      repositories.flatMap((name) => [
        registry.admin.post(`/v2/${name}/blobs/uploads/?digest=${digest}`, bytes),
        registry.admin.post(`/v2/${name}/blobs/uploads/?digest=${digest}`, pieces(bytes, 3)),
      ]),
    );
    assert.deepEqual([...new Set(answers.map(({ outcome }) => outcome))], ["201"]);
    const { blobs, repository_blobs: links, objects } = await registry.contents();
    assert.deepEqual({ blobs, links, objects: objects.length }, { blobs: 1, links: 2, objects: 1 });
    await assertStored(registry, bytes);
  });

  test("requests of one upload wait for each other", async () => {
    await using registry = await start();
    const parts = Array.from({ length: 8 }, (_, index) => Buffer.alloc(10_000, index));
    const location = await begin(registry);
    const answers = await Promise.all(parts.map((part) => registry.admin.patch(location, part)));
    const ends = answers.map(({ headers }) => Number(headers.range?.split("-")[1]) + 1);
    assert.deepEqual(
      ends.toSorted((a, b) => a - b),
      parts.map((_, index) => (index + 1) * 10_000),
    );
    const inOrder = parts.toSorted((a, b) => (ends[a[0] ?? 0] ?? 0) - (ends[b[0] ?? 0] ?? 0));
    const bytes = Buffer.concat(inOrder);
    assert.equal((await registry.admin.put(withDigest(location, digestOf(bytes)), "")).status, 201);
  });

  test("an upload whose bytes are gone is unknown", async () => {
    await using registry = await start();
    const patched = await registry.admin.patch(await begin(registry), randomBytes(LARGE));
    await registry.stop();
    {
      await using store = await registry.openStore();
      for await (const { id } of store.listUploads()) await store.discardUpload(id, undefined);
    }
    await registry.start();
    const put = withDigest(locationOf(patched), digestOf(Buffer.from("x")));
    assert.equal(
      (await registry.admin.patch(locationOf(patched), "x")).outcome,
      "404 BLOB_UPLOAD_UNKNOWN",
    );
    assert.equal((await registry.admin.put(put, "x")).outcome, "404 BLOB_UPLOAD_UNKNOWN");
  });
});

test("an upload is refused while the disk has no room, and nothing is stored", async () => {
  await using registry = await startTestRegistry();
  await registry.push("team/app", randomBytes(5));
  const before = await registry.contents();
  const { storage } = registry.config;
  assert.ok(storage.kind === "filesystem");
  await registry.restart({ storage: { ...storage, reserve: Number.MAX_SAFE_INTEGER } });
  const bytes = randomBytes(100);
  const answer = await registry.admin.post(`${UPLOADS}?digest=${digestOf(bytes)}`, bytes);
  assert.equal(answer.outcome, "507 STORAGE_FULL");
  assert.deepEqual(await registry.contents(), before);
});

function objectsIn({ objects, unfinished }: Contents): object {
  return { objects, unfinished };
}

async function objectsOf(registry: TestRegistry): Promise<object> {
  return objectsIn(await registry.contents());
}

async function* pieces(bytes: Uint8Array, count: number): AsyncGenerator<Uint8Array> {
  const length = Math.ceil(bytes.length / count);
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
