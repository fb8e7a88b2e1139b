import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import { descriptors } from "../testing/descriptors.ts";
import { imageOf, tarOf } from "../testing/test-image.ts";
import { startTestRegistry, until } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";

const UPLOADS = "/v2/team/app/blobs/uploads/";
/** What the server waits for a client here, in milliseconds. */
const IDLE = 400;

function startImpatient(): Promise<TestRegistry> {
  return startTestRegistry({ config: { server: { idleTimeout: IDLE } } });
}

/** Is a file below the registry's folder open whose path has the text? */
function isOpen({ folder }: TestRegistry, text: string): boolean {
  return descriptors().some((path) => path.startsWith(folder) && path.includes(text));
}

/** A blob that no socket buffer holds whole. */
const LARGE = randomBytes(24 * 1024 * 1024);
const DIGEST = digestOf(LARGE);
const HEX = DIGEST.slice("sha256:".length);

test("a client that stops in the middle of what it sends is cut off, and everything is given back", async () => {
  await using registry = await startImpatient();
  await registry.push("team/app", randomBytes(10));
  const { headers } = await registry.admin.post(UPLOADS);
  const location = headers.location ?? "";
  const digest = DIGEST;
  const common = `HTTP/1.1\r\nHost: x\r\nAuthorization: ${registry.authorization}\r\n`;
  const phases: Record<string, string> = {
    "before the request": "",
    "in the request line": "GET /v2/",
    "in the headers": `GET /v2/ ${common}`,
    "in a manifest": `PUT /v2/team/app/manifests/x ${common}Content-Length: 1000\r\n\r\n{"schema`,
    "in a form": `POST /v2/auth ${common}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ngrant`,
    "in a small blob": `POST ${UPLOADS}?digest=${digest} ${common}Content-Length: 1000\r\n\r\nabc`,
    "in a large blob": `POST ${UPLOADS}?digest=${digest} ${common}Content-Length: 1000000\r\n\r\nabc`,
    "in a stream": `PATCH ${location} ${common}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    "in the last part": `PUT ${location}?digest=${digest} ${common}Content-Length: 1000000\r\n\r\nabc`,
    "after being told to go on": `PATCH ${location} ${common}Content-Length: 100\r\nExpect: 100-continue\r\n\r\n`,
  };
  await Promise.all(
    Object.entries(phases).map(async ([phase, text]) => {
      using raw = await registry.raw();
      await raw.send(text);
      const answer = await raw.ended();
      assert.doesNotMatch(answer, /^HTTP\/1\.1 2/m, phase);
    }),
  );
  // What a stream has brought is kept for going on; its file is closed, or waits for the next request.
  await registry.admin.delete(location);
  await until(() => !isOpen(registry, "/storage/"));
  const { uploads: _ended, ...contents } = await registry.contents();
  assert.deepEqual(contents.unfinished, []);
  assert.equal(contents.manifests, 0);
  assert.equal(contents.blobs, 1);
});

test("a client that takes nothing any more is cut off, and the blob's file is closed", async () => {
  await using registry = await startImpatient();
  await registry.push("team/app", LARGE);
  using raw = await registry.raw();
  raw.socket.pause();
  await raw.send(
    `GET /v2/team/app/blobs/${DIGEST} HTTP/1.1\r\nHost: x\r\nAuthorization: ${registry.authorization}\r\n\r\n`,
  );
  await until(() => isOpen(registry, HEX));
  await until(() => !isOpen(registry, HEX));
  raw.socket.resume();
  const received = await raw.ended();
  assert.ok(received.length > 0 && received.length < LARGE.length);
});

test("a client that leaves in the middle of a download gives its file back at once", async () => {
  await using registry = await startTestRegistry();
  await registry.push("team/app", LARGE);
  const raw = await registry.raw();
  raw.socket.pause();
  await raw.send(
    `GET /v2/team/app/blobs/${DIGEST} HTTP/1.1\r\nHost: x\r\nAuthorization: ${registry.authorization}\r\n\r\n`,
  );
  await until(() => isOpen(registry, HEX));
  raw[Symbol.dispose]();
  await until(() => !isOpen(registry, HEX));
  const whole = await registry.admin.get(`/v2/team/app/blobs/${DIGEST}`);
  assert.ok(whole.body.equals(LARGE));
});

test("a client that leaves at whatever moment of a download gives its file back", async () => {
  await using registry = await startTestRegistry();
  await registry.push("team/app", LARGE);
  for (let round = 0; round < 90; round++) {
    using raw = await registry.raw();
    raw.socket.pause();
    await raw.send(
      `GET /v2/team/app/blobs/${DIGEST} HTTP/1.1\r\nHost: x\r\nAuthorization: ${registry.authorization}\r\n\r\n`,
    );
    for (let turn = 0; turn < round % 30; turn++) await new Promise((next) => setImmediate(next));
  }
  await until(() => !isOpen(registry, HEX));
});

test("clients that leave or stall while an image is squashed do not stop it, and hold nothing", async () => {
  await using registry = await startImpatient();
  const image = imageOf([tarOf([{ name: "large", data: LARGE }])], { compression: "none" });
  await registry.pushImage("team/app", "latest", image);
  await registry.settled();
  const request = `GET /c1/squash/team/app/latest HTTP/1.1\r\nHost: ${registry.host}\r\nAuthorization: ${registry.authorization}\r\n\r\n`;
  const leaving = await registry.raw();
  leaving.socket.pause();
  using stalling = await registry.raw();
  stalling.socket.pause();
  await Promise.all([leaving.send(request), stalling.send(request)]);
  await until(() => isOpen(registry, "/cache/"));
  leaving[Symbol.dispose]();
  const whole = await registry.admin.get("/c1/squash/team/app/latest");
  assert.equal(whole.body.length, Number(whole.headers["content-length"]));
  await until(() => !isOpen(registry, "/cache/") && !isOpen(registry, HEX));
  const { body } = await registry.admin.get("/metrics");
  assert.match(body.toString(), /^wharf_squash_made_total\{result="done"\} 1$/m);
});

test("connections on which nothing is asked are closed by a stop at once", async () => {
  await using registry = await startImpatient();
  using raw = await registry.raw();
  await raw.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await raw.until(`{"status":"ok"}`);
  await registry.stop();
  await raw.ended();
});
