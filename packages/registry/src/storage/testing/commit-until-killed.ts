// A child process of filesystem-crash.test.ts: stores objects in a folder, eight at a time, until it is killed. Prints
// each key once the store has promised to keep the object. A key names the digest of its content.
import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import { writeSync } from "node:fs";

import { openBlobStore } from "../open-blob-store.ts";

const store = await openBlobStore({ kind: "filesystem", path: process.argv[2] ?? "" });
await Promise.all(Array.from({ length: 8 }, commitForever));

async function commitForever(): Promise<never> {
  for (;;) {
    const content = randomBytes(randomInt(4) === 0 ? randomInt(3_000_000) : randomInt(5000));
    const hex = createHash("sha256").update(content).digest("hex");
    const key = `blobs/sha256/${hex.slice(0, 2)}/${hex}/g`;
    if (randomInt(2) === 0) await store.put(key, content);
    else await upload(content, key);
    writeSync(1, `${key}\n`); // at once: what is only in a buffer dies with the process
  }
}

async function upload(content: Buffer, key: string): Promise<void> {
  const id = randomUUID();
  const middle = randomInt(content.length + 1);
  let state: string;
  {
    await using writer = await store.openUpload(id, undefined);
    await writer.write(Buffer.from(content.subarray(0, middle)));
    state = await writer.flush();
    await writer.write(randomBytes(100));
  }
  await using writer = await store.openUpload(id, state);
  await writer.write(Buffer.from(content.subarray(middle)));
  await writer.commit(key);
}
