import { randomBytes } from "node:crypto";

import { atOnce } from "../load/at-once.ts";
import { Connection, expect, field } from "../load/connection.ts";
import type { Server } from "../servers/server.ts";
import { digestOf, MEBIBYTE, pushBlob, withDigest } from "./fixture.ts";
import { SECONDS } from "./reads.ts";
import type { RegistryCase } from "./registry-case.ts";

const LARGE = 256 * MEBIBYTE;
const CHUNK = 5 * MEBIBYTE;
const SMALL = 4096;
const WRITERS = 8;
/** Where blobs are pushed to, and mounted from. */
const WRITE = "admin/write";

/** Digests of the small blobs that each server took; mounted later. */
const smallBlobs = new Map<Server, string[]>();
let mounts = 0;

/** What clients that push do; with a token on Wharf, docker-registry is open. */
export const writeCases: readonly RegistryCase[] = [
  { name: "blob PUT 256 MiB at once, c1", unit: "bytes", goal: 2.2, run: pushAtOnce },
  { name: "blob PUT 256 MiB in chunks of 5 MiB, c1", unit: "bytes", goal: 2.2, run: pushInChunks },
  {
    name: "blob POST and PUT 4 KiB, c8",
    unit: "requests",
    goal: 4,
    async run(server) {
      const headers = await server.login([WRITE]);
      const digests = smallBlobs.getOrInsertComputed(server, () => []);
      const done = await atOnce(
        server.host,
        WRITERS,
        async (connection) => {
          const bytes = randomBytes(SMALL);
          const digest = digestOf(bytes);
          await pushBlob(connection, WRITE, bytes, digest, headers);
          digests.push(digest);
          return true;
        },
        SECONDS,
      );
      return { amount: done.requests, ...done };
    },
  },
  {
    name: "mount, c8",
    unit: "requests",
    goal: 2,
    async run(server) {
      const digests = smallBlobs.get(server) ?? [];
      const first = mounts;
      mounts += 50;
      const targetOf = (number: number): string =>
        `admin/mounted-${first + Math.floor(number / digests.length)}`;
      const targets = Array.from({ length: 50 }, (_, number) => targetOf(number * digests.length));
      const headers = await server.login([WRITE, ...targets]);
      const done = await atOnce(
        server.host,
        WRITERS,
        async (connection, number) => {
          const digest = digests[number % digests.length] ?? "";
          const path = `/v2/${targetOf(number)}/blobs/uploads/?mount=${digest}&from=${WRITE}`;
          expect(await connection.request("POST", path, headers), 201);
          return true;
        },
        SECONDS,
      );
      return { amount: done.requests, ...done };
    },
  },
];

async function pushAtOnce(server: Server): Promise<{ amount: number; seconds: number }> {
  const bytes = largeBytes();
  const digest = digestOf(bytes);
  const headers = await server.login([WRITE]);
  using connection = await Connection.open(server.host);
  const began = performance.now();
  await pushBlob(connection, WRITE, bytes, digest, headers);
  return { amount: LARGE, seconds: (performance.now() - began) / 1000 };
}

async function pushInChunks(server: Server): Promise<{ amount: number; seconds: number }> {
  const bytes = largeBytes();
  const digest = digestOf(bytes);
  const headers = await server.login([WRITE]);
  using connection = await Connection.open(server.host);
  const began = performance.now();
  const begun = await connection.request("POST", `/v2/${WRITE}/blobs/uploads/`, headers);
  let place = field(expect(begun, 202), "Location");
  for (let at = 0; at < LARGE; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    const range = { "Content-Range": `${at}-${at + chunk.length - 1}` };
    const type = { "Content-Type": "application/octet-stream", ...range, ...headers };
    place = field(expect(await connection.request("PATCH", place, type, chunk), 202), "Location");
  }
  expect(await connection.request("PUT", withDigest(place, digest), headers), 201);
  return { amount: LARGE, seconds: (performance.now() - began) / 1000 };
}

/** New bytes each time: none of the servers has them. */
function largeBytes(): Buffer {
  const bytes = Buffer.alloc(LARGE);
  const block = randomBytes(MEBIBYTE);
  for (let at = 0; at < LARGE; at += MEBIBYTE) {
    block.writeUInt32LE(at, 0);
    block.copy(bytes, at);
  }
  return bytes;
}
