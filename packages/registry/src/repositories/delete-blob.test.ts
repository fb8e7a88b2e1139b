import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "@wharf/image";
import { sql } from "kysely";
import { ANONYMOUS } from "../accounts/principal.ts";
import type { Database } from "../database/database.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import { addNamespace, addRepository } from "../database/testing/example-rows.ts";
import { RegistryError } from "../http/registry-error.ts";
import { deleteBlob } from "./delete-blob.ts";
import { findManifest } from "./manifest-store.ts";
import { putManifest } from "./put-manifest.ts";
import type { Repository } from "./repository.ts";
import { findRepositoryBlob, recordBlob } from "./repository-blob-store.ts";

const BLOB = digestOf(Buffer.from("blob"));
const CONTENT = Buffer.from("{}");
const NOW = 1_000_000;

everyDatabase((dialect, openTestDatabase) => {
  test("a blob goes once, and not as long as a manifest needs it", async () => {
    await using database = await openTestDatabase();
    const repository = await withBlob(database);
    assert.equal(await deleteBlob(database, repository, BLOB, NOW), true);
    assert.equal(await deleteBlob(database, repository, BLOB, NOW), false);
    await assert.rejects(push(database, repository), hasCode("MANIFEST_BLOB_UNKNOWN"));
    await database.transaction((trx) => recordBlob(trx, repository.id, STORED, NOW));
    await push(database, repository);
    await assert.rejects(deleteBlob(database, repository, BLOB, NOW), hasCode("UNSUPPORTED"));
    assert.ok((await findRepositoryBlob(database.read, repository.id, BLOB)) !== undefined);
  });

  if (dialect === "sqlite") return; // one writer at a time

  test("a push that has found the blob wins over its deletion", async () => {
    await using database = await openTestDatabase();
    const repository = await withBlob(database);
    const { slow, reached, goOn } = pausing(database);
    const pushing = push(slow, repository);
    await reached;
    const deleting = goOn(deleteBlob(database, repository, BLOB, NOW));
    await pushing;
    await assert.rejects(deleting, hasCode("UNSUPPORTED"));
    assert.ok((await findRepositoryBlob(database.read, repository.id, BLOB)) !== undefined);
  });

  test("a deletion that came first is seen by the push", async () => {
    await using database = await openTestDatabase();
    const repository = await withBlob(database);
    const { slow, reached, goOn } = pausing(database);
    const deleting = deleteBlob(slow, repository, BLOB, NOW);
    await reached;
    const pushing = goOn(push(database, repository));
    assert.equal(await deleting, true);
    await assert.rejects(pushing, hasCode("MANIFEST_BLOB_UNKNOWN"));
    const manifest = await findManifest(database.read, repository.id, digestOf(CONTENT));
    assert.equal(manifest, undefined);
  });
});

const STORED = { digest: BLOB, size: 4, key: "blobs/key" };

async function withBlob(database: Database): Promise<Repository> {
  const { id, namespaceId } = await database.transaction(async (trx) => {
    const namespaceId = await addNamespace(trx, "team");
    const id = await addRepository(trx, namespaceId, "team/app");
    await recordBlob(trx, id, STORED, NOW);
    return { id, namespaceId };
  });
  return {
    id,
    name: "team/app",
    visibility: "private",
    state: "normal",
    squashAtPush: false,
    squashCompression: "none",
    namespaceId,
    namespace: "team",
  };
}

function push(database: Database, repository: Repository): Promise<void> {
  return putManifest(
    database,
    repository,
    {
      manifest: {
        digest: digestOf(CONTENT),
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        kind: "image",
        content: CONTENT,
        artifactType: undefined,
        subject: undefined,
        annotations: undefined,
        totalSize: 4,
        children: [],
      },
      blobs: [{ digest: BLOB, size: 4, field: "config", isOptional: false }],
      tags: ["latest"],
      actor: ANONYMOUS,
      lease: 60_000,
    },
    NOW,
  );
}

/** Its first transaction stops before it commits, until what comes then is over or waits for its locks. */
function pausing(database: Database): {
  slow: Database;
  reached: Promise<void>;
  goOn: <T>(other: Promise<T>) => Promise<T>;
} {
  const reached = Promise.withResolvers<void>();
  const over = new AbortController();
  const slow: Database = {
    dialect: database.dialect,
    read: database.read,
    transaction: (work) =>
      database.transaction(async (trx) => {
        const result = await work(trx);
        reached.resolve();
        while (!over.signal.aborted) {
          const { rows } = await sql`
            select 1 from pg_locks where not granted
              and pg_backend_pid() = any (pg_blocking_pids(pid))`.execute(trx);
          if (rows.length > 0) break;
        }
        return result;
      }),
    version: () => database.version(),
    notify: (channel) => database.notify(channel),
    listen: (channel, listener) => database.listen(channel, listener),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const goOn = <T>(other: Promise<T>): Promise<T> => {
    const settled = other.finally(() => over.abort());
    settled.catch(() => undefined); // looked at by the caller
    return settled;
  };
  return { slow, reached: reached.promise, goOn };
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof RegistryError && error.code === code;
}
