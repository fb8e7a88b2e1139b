import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import { startTestRegistry } from "../testing/test-registry.ts";

test("an upload whose bytes became a blob before a crash is unknown, so that clients begin anew", async () => {
  await using registry = await startTestRegistry();
  const bytes = randomBytes(400_000);
  const begun = await registry.admin.post("/v2/team/app/blobs/uploads/");
  const patched = await registry.admin.patch(String(begun.headers.location), bytes);
  assert.equal(patched.status, 202);
  const location = String(patched.headers.location);
  await registry.stop();
  // As the crash leaves it: the file has the name of the blob by now, and no row tells of that.
  const uploads = join(registry.folder, "storage/uploads");
  const files = await readdir(uploads);
  assert.equal(files.length, 1);
  for (const file of files) await rm(join(uploads, file));
  await registry.start();
  const unknown = "404 BLOB_UPLOAD_UNKNOWN";
  assert.equal((await registry.admin.patch(location, bytes)).outcome, unknown);
  const digest = digestOf(bytes);
  assert.equal(
    (await registry.admin.put(`${location}?digest=${digest}`, undefined)).outcome,
    unknown,
  );
  assert.equal((await registry.admin.delete(location)).outcome, unknown);
  const again = await registry.admin.post(`/v2/team/app/blobs/uploads/?digest=${digest}`, bytes);
  assert.equal(again.status, 201);
});
