import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { suite, test } from "node:test";
import { inspect, promisify } from "node:util";

import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";

import { whyNoCeph } from "../testing/ceph.ts";
import { collect } from "../testing/collect.ts";
import { openTestS3, TEST_PART, testBucket } from "../testing/every-blob-store.ts";
import { FaultyProxy } from "../testing/faulty-proxy.ts";
import { Bucket } from "./bucket.ts";
import { openS3Store } from "./open-s3-store.ts";

const MIB = 1024 * 1024;
const run = promisify(execFile);

suite("the store on S3", { skip: whyNoCeph() }, () => {
  test("an object above the limit of a copy is copied in parts", async () => {
    await using store = await openTestS3({ copyLimit: 6 * MIB });
    const content = randomBytes(20 * MIB + 1);
    await using upload = await store.openUpload("u", undefined);
    for (let at = 0; at < content.length; at += MIB)
      await upload.write(content.subarray(at, at + MIB));
    await upload.commit("blobs/large");
    await using object = await store.open("blobs/large");
    assert.ok((await collect(object.stream())).equals(content));
    assert.deepEqual(await Array.fromAsync(store.listUploads()), []);
  });

  test("a copy in parts that a crash broke off is aborted with its upload", async () => {
    const options = await testBucket();
    await using store = await openS3Store(options);
    using bucket = new Bucket(options);
    // What such a crash leaves: the temporary object, the parts so far, and the note that tells of them.
    const source = `${options.prefix}uploads/u/0123456789abcdef`;
    const target = `${options.prefix}blobs/large`;
    await bucket.put(source, randomBytes(1000));
    const multipart = await bucket.createMultipart(target);
    await bucket.copyPart(target, multipart, 1, source, { start: 0, end: 1000 });
    await bucket.put(`${source}-copy`, Buffer.from(`${multipart} ${target}`));

    const ids = await Array.fromAsync(store.listUploads(), ({ id }) => id);
    assert.deepEqual(ids, ["u"]);
    await store.discardUpload("u", undefined);
    assert.deepEqual(await Array.fromAsync(store.listUploads()), []);
    assert.deepEqual(await Array.fromAsync(bucket.multiparts(options.prefix ?? "")), []);
  });

  test("an upload takes three parts and not more while the server takes none", async () => {
    const { endpoint, ...options } = await testBucket();
    await using proxy = await FaultyProxy.start(endpoint);
    await using store = await openS3Store({
      ...options,
      endpoint: proxy.endpoint,
      partSize: TEST_PART,
      idleTimeout: 50,
    });
    proxy.break("PUT", ...Array.from({ length: 20 }, () => "silent" as const));
    await using upload = await store.openUpload("u", undefined);
    let taken = 0;
    const writing = async (): Promise<void> => {
      for (; taken < 100 * MIB; taken += MIB) await upload.write(Buffer.alloc(MIB));
    };
    await assert.rejects(writing(), { name: "StorageError", code: "unavailable" });
    assert.ok(taken > 2 * TEST_PART && taken <= 3 * TEST_PART, `${taken / MIB} MiB`);
  });

  test("uploads that wait by the dozen are not all kept in memory, and go on", async () => {
    const { endpoint, ...options } = await testBucket();
    await using proxy = await FaultyProxy.start(endpoint);
    await using store = await openS3Store({ ...options, endpoint: proxy.endpoint });
    const numbers = Array.from({ length: 11 }, (_, index) => index);
    const waiting = await Promise.all(
      numbers.map(async (number) => {
        const upload = await store.openUpload(`u${number}`, undefined);
        await upload.write(Buffer.alloc(7 * MIB, number));
        await upload.flush();
        return upload;
      }),
    );
    assert.ok(!proxy.methods.includes("GET"));
    for (const [number, upload] of waiting.entries()) {
      await upload.write(Buffer.alloc(2 * MIB, number));
      await upload.commit(`blobs/${number}`);
      await using object = await store.open(`blobs/${number}`);
      const bytes = await collect(object.stream(0, 9 * MIB));
      assert.ok(bytes.equals(Buffer.alloc(9 * MIB, number)));
      await store.delete(`blobs/${number}`);
    }
    // Beside one for each object and two to look for leftovers.
    const reads = proxy.methods.filter((method) => method === "GET").length;
    assert.ok(reads > 3 * numbers.length, String(reads));
  });

  test("a client is sent to the bucket with a URL that is good for this object alone", async () => {
    await using store = await openTestS3({ redirect: true });
    await store.put("blobs/a", Buffer.from("abcdef"));
    const url = await store.redirect?.("blobs/a", {
      contentType: "application/vnd.oci.image.layer.v1.tar",
      contentDisposition: 'attachment; filename="a.tar"',
    });
    assert.ok(url !== undefined && !url.includes("testsecret"));
    const answer = await fetch(url, { headers: { range: "bytes=1-2" } });
    assert.equal(answer.status, 206);
    assert.equal(await answer.text(), "bc");
    assert.equal(answer.headers.get("content-type"), "application/vnd.oci.image.layer.v1.tar");
    assert.equal(answer.headers.get("content-disposition"), 'attachment; filename="a.tar"');
    const forged = await fetch(url.replace("blobs/a", "blobs/b"));
    await forged.body?.cancel();
    assert.equal(forged.status, 403);
    await assert.rejects(
      async () => await store.redirect?.("../a", { contentType: "text/plain" }),
      TypeError,
    );
  });

  test("stores with different prefixes in one bucket do not see each other", async () => {
    await using one = await openTestS3();
    await using other = await openTestS3();
    await one.put("blobs/a", Buffer.from("1"));
    assert.equal(await other.stat("blobs/a"), undefined);
    assert.deepEqual(await Array.fromAsync(other.list("")), []);
  });

  test("a wrong secret, an absent bucket, no server: told, without the secret", async () => {
    const options = await testBucket();
    const refused = [
      [{ ...options, secretAccessKey: "wrong-secret" }, "unavailable"],
      [{ ...options, accessKeyId: "nobody-key" }, "unavailable"],
      [{ ...options, bucket: "not-there" }, "not-found"],
      [{ ...options, endpoint: "http://127.0.0.1:1" }, "unavailable"],
    ] as const;
    for (const [wrong, code] of refused) {
      await assert.rejects(openS3Store(wrong), (error: Error & { code?: unknown }) => {
        assert.equal(error.name, "StorageError", inspect(error));
        assert.equal(error.code, code);
        const text = inspect(error, { depth: 9, showHidden: true });
        assert.doesNotMatch(text, /secret|nobody-key|testaccess|Signature=/i);
        return true;
      });
    }
  });

  test("a bucket beyond its quota is full", async () => {
    const { folder, ...server } = await testBucket();
    const admin = (...words: readonly string[]): Promise<unknown> =>
      run("radosgw-admin", ["-c", join(folder, "ceph.conf"), "--uid=small", ...words]);
    await admin("user", "create", "--display-name=s", "--access-key=small", "--secret-key=small");
    await admin("quota", "set", "--quota-scope=user", "--max-size=4M");
    await admin("quota", "enable", "--quota-scope=user");
    const credentials = { accessKeyId: "small", secretAccessKey: "small" };
    const client = new S3Client({ ...server, forcePathStyle: true, credentials });
    await client.send(new CreateBucketCommand({ Bucket: "small" }));
    client.destroy();

    await using store = await openS3Store({ ...server, ...credentials, bucket: "small" });
    const full = { name: "StorageError", code: "full" };
    await assert.rejects(store.put("blobs/a", randomBytes(5 * MIB)), full);
    await using upload = await store.openUpload("u", undefined);
    const writing = async (): Promise<void> => {
      for (let written = 0; written < 50 * MIB; written += MIB)
        await upload.write(randomBytes(MIB));
      await upload.commit("blobs/a");
    };
    await assert.rejects(writing(), full);
    await upload[Symbol.asyncDispose]();
    assert.deepEqual(await Array.fromAsync(store.listUploads()), []);
    await store.put("blobs/a", Buffer.from("there is room"));
  });

  test("requests are repeated when the server is busy", async () => {
    const { endpoint, ...options } = await testBucket();
    await using proxy = await FaultyProxy.start(endpoint);
    await using store = await openS3Store({ ...options, endpoint: proxy.endpoint });
    const content = randomBytes(9 * MIB);
    for (const method of ["PUT", "POST", "HEAD", "GET"]) proxy.break(method, "busy");
    await using upload = await store.openUpload("u", undefined);
    for (let at = 0; at < content.length; at += MIB)
      await upload.write(content.subarray(at, at + MIB));
    await upload.commit("blobs/a");
    await using object = await store.open("blobs/a");
    assert.ok((await collect(object.stream())).equals(content));
  });

  test("a download that breaks off is taken up where it was", async () => {
    const { endpoint, ...options } = await testBucket();
    await using proxy = await FaultyProxy.start(endpoint);
    await using store = await openS3Store({ ...options, endpoint: proxy.endpoint });
    const content = randomBytes(3 * MIB);
    await store.put("blobs/a", content);
    await using object = await store.open("blobs/a");
    proxy.break("GET", { cutAfter: MIB }, { cutAfter: 0 }, { cutAfter: 12_345 });
    assert.ok((await collect(object.stream(1))).equals(content.subarray(1)));
    assert.equal(proxy.methods.filter((method) => method === "GET").length, 4);

    proxy.break("GET", { cutAfter: 0 }, { cutAfter: 0 }, { cutAfter: 0 });
    await assert.rejects(collect(object.stream()), { name: "StorageError", code: "unavailable" });
  });

  test("a server that does not answer is given up after a while", async () => {
    const { endpoint, ...options } = await testBucket();
    await using proxy = await FaultyProxy.start(endpoint);
    await using store = await openS3Store({
      ...options,
      endpoint: proxy.endpoint,
      idleTimeout: 150,
    });
    proxy.break("HEAD", "silent", "silent");
    assert.equal(await store.stat("blobs/a"), undefined);
    proxy.break("HEAD", "silent", "silent", "silent", "silent", "silent");
    await assert.rejects(store.stat("blobs/a"), { name: "StorageError", code: "unavailable" });
  });

  test("a part that cannot be stored fails the upload; what was flushed can be continued", async () => {
    const { endpoint, ...options } = await testBucket();
    await using proxy = await FaultyProxy.start(endpoint);
    const partSize = TEST_PART;
    await using store = await openS3Store({
      ...options,
      endpoint: proxy.endpoint,
      partSize,
      idleTimeout: 100,
    });
    const content = randomBytes(12 * MIB);
    let state: string;
    {
      await using upload = await store.openUpload("u", undefined);
      await upload.write(Buffer.from(content.subarray(0, 6 * MIB)));
      state = await upload.flush();
      proxy.break("PUT", "silent", "silent", "silent", "silent", "silent");
      await upload.write(Buffer.from(content.subarray(6 * MIB)));
      await assert.rejects(upload.flush(), { name: "StorageError", code: "unavailable" });
      await assert.rejects(upload.write(Buffer.from("x")), TypeError);
    }
    await using upload = await store.openUpload("u", state);
    await upload.write(content.subarray(6 * MIB));
    await upload.commit("blobs/a");
    await using object = await store.open("blobs/a");
    assert.ok((await collect(object.stream())).equals(content));
  });
});
