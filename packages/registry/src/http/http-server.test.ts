import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import { startTestRegistry } from "../testing/test-registry.ts";

const UPLOADS = "/v2/team/app/blobs/uploads/";

test("a client that still sends a large body sees why it was refused", async () => {
  await using registry = await startTestRegistry();
  const bytes = randomBytes(8 * 1024 * 1024);
  for (const method of ["POST", "PUT", "PATCH"]) {
    using raw = await registry.raw();
    await raw.send(
      `${method} ${UPLOADS}x HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\n`,
    );
    // It reads nothing before it has sent everything, and the answer must be there still.
    raw.socket.pause();
    for (let at = 0; at < bytes.length; at += 1024 * 1024) {
      await raw.send(bytes.subarray(at, at + 1024 * 1024));
    }
    raw.socket.resume();
    const text = await raw.ended();
    assert.match(text, /^HTTP\/1\.1 40[15] /);
    assert.match(text, /\r\nConnection: close\r\n/i);
    assert.match(text, /"errors":\[\{"code":"(UNAUTHORIZED|UNSUPPORTED)"/);
  }
});

test("a client that asks first does not send a body that is refused", async () => {
  await using registry = await startTestRegistry();
  using raw = await registry.raw();
  await raw.send(
    `POST ${UPLOADS}?digest=${digestOf(Buffer.from("x"))} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`,
  );
  const text = await raw.until(`"code":"UNAUTHORIZED"`);
  assert.ok(!text.includes("100 Continue"));
});

test("a client that asks first is told to go on when its body is wanted", async () => {
  await using registry = await startTestRegistry();
  using raw = await registry.raw();
  await raw.send(
    `POST ${UPLOADS}?digest=${digestOf(Buffer.from("x"))} HTTP/1.1\r\nHost: x\r\nAuthorization: ${registry.authorization}\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n`,
  );
  await raw.until("HTTP/1.1 100 Continue\r\n");
  await raw.send("x");
  await raw.until("HTTP/1.1 201 Created\r\n");
});

test("a request id of a proxy is kept when it is harmless, and every answer has one", async () => {
  await using registry = await startTestRegistry();
  for (const path of [
    "/v2/",
    "/v2/team/app/manifests/x",
    "/healthz",
    "/nothing",
    "/c1/squash/team/app/x",
    "/%zz",
  ]) {
    const own = await registry.admin.get(path);
    assert.match(own.headers["x-request-id"]?.toString() ?? "", /^[a-z0-9-]+$/, path);
    const given = await registry.admin.get(path, { headers: { "x-request-id": "abc.D-1_2" } });
    assert.equal(given.headers["x-request-id"], "abc.D-1_2");
    const odd = await registry.admin.get(path, { headers: { "x-request-id": "a b<script>" } });
    assert.notEqual(odd.headers["x-request-id"], "a b<script>");
  }
});

test("a transfer that runs when the server stops may finish, and no new connection is taken", async () => {
  await using registry = await startTestRegistry();
  const bytes = randomBytes(400_000);
  using raw = await registry.raw();
  await raw.send(
    `POST ${UPLOADS}?digest=${digestOf(bytes)} HTTP/1.1\r\nHost: x\r\nAuthorization: ${registry.authorization}\r\nContent-Length: ${bytes.length}\r\nExpect: 100-continue\r\n\r\n`,
  );
  await raw.until("100 Continue");
  const { port } = registry;
  const stopping = registry.stop();
  await raw.send(bytes);
  assert.match(await raw.ended(), /HTTP\/1\.1 201 Created\r\n/);
  await stopping;
  await registry.start();
  assert.notEqual(port, 0);
  assert.equal((await registry.admin.head(`/v2/team/app/blobs/${digestOf(bytes)}`)).status, 200);
});

test("an upload that is cut off by a stop goes on after the start", async () => {
  await using registry = await startTestRegistry({ config: { server: { stopTimeout: 50 } } });
  const { headers } = await registry.admin.post(UPLOADS);
  const bytes = randomBytes(600_000);
  const location = headers.location ?? "";
  using raw = await registry.raw();
  await raw.send(
    `PATCH ${location} HTTP/1.1\r\nHost: x\r\nAuthorization: ${registry.authorization}\r\nContent-Length: ${bytes.length}\r\nExpect: 100-continue\r\n\r\n`,
  );
  await raw.until("100 Continue");
  await raw.send(bytes.subarray(0, 500_000));
  await registry.stop();
  await registry.start();
  const status = await registry.admin.get(location);
  const size = Number(status.headers.range?.split("-")[1]) + 1;
  assert.ok(size > 1 && size <= 500_000, `${size} bytes were kept`);
  const put = await registry.admin.put(
    `${location}?digest=${digestOf(bytes)}`,
    bytes.subarray(size),
    {
      headers: { "content-range": `${size}-${bytes.length - 1}` },
    },
  );
  assert.equal(put.status, 201);
});
