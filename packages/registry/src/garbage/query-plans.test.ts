import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { test } from "node:test";

import { digestOf } from "@wharf/image";
import type {
  CompiledQuery,
  Kysely,
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  Transaction,
  UnknownRow,
} from "kysely";

import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { openTestSqlite } from "../database/testing/every-database.ts";
import * as manifests from "./dead-manifest-store.ts";
import { openTestFolder } from "../storage/testing/every-blob-store.ts";
import { findDue, giveUpRepository } from "../repositories/deleted/deleted-repository-store.ts";
import { findLinksOf, findManifestsOf } from "./expired-repository-store.ts";
import { findEndedTags } from "./expired-tag-store.ts";
import { findBlobKeys, findIndexVersions } from "./orphan-store.ts";
import { deleteLayerIndexes, scanLayerIndexes } from "./stale-layer-index-store.ts";
import { PAGE } from "./pages.ts";
import * as images from "./stale-squashed-image-store.ts";
import * as indexes from "./stale-squashed-index-store.ts";
import { findStaleUploads } from "./stale-upload-store.ts";
import * as blobs from "./unused-blob-store.ts";
import * as links from "./unused-link-store.ts";
import { TestRegistry } from "./testing/test-registry.ts";

/** As many as a batch has: SQLite weighs a list by its length. */
const D = Array.from({ length: PAGE }, (_, at) => digestOf(new TextEncoder().encode(`${at}`)));
const LIMITS = { leaseSince: 2, keptSince: 1 };

/** The statements of batches: what one costs must not grow with the tables. */
const STATEMENTS: Readonly<Record<string, (trx: Transaction<Tables>) => Promise<unknown>>> = {
  findDue: (trx) => findDue(trx, 3, undefined, PAGE),
  giveUpRepository: (trx) => giveUpRepository(trx, 9, 2),
  findLinksOf: (trx) => findLinksOf(trx, 1, "a"),
  findManifestsOf: (trx) => findManifestsOf(trx, 1, "a"),
  findEndedTags: (trx) => findEndedTags(trx, 5, 3, undefined),
  scanManifests: (trx) =>
    manifests.scanManifests(trx, { now: 5, leaseSince: 2, window: 3 }, undefined),
  findParents: (trx) => manifests.findParents(trx, 1, D, { child: "a", parent: "b" }),
  findExisting: (trx) => manifests.findExisting(trx, 1, D),
  findReferredBlobs: (trx) => manifests.findReferredBlobs(trx, 1, D, { manifest: "a", blob: "b" }),
  lockUntagged: (trx) => manifests.lockUntagged(trx, "sqlite", 1, D, LIMITS),
  deleteManifests: (trx) => manifests.deleteManifests(trx, 1, D, LIMITS, D),
  scanLinks: (trx) => links.scanLinks(trx, 2, undefined),
  countLinkReferences: (trx) => links.countReferences(trx, 1, D, 2),
  // Two statements: the locks, then the deletion.
  deleteLinks: (trx) => links.deleteLinks(trx, "sqlite", 1, D, 2),
  scanSquashedImages: (trx) => images.scanSquashedImages(trx, 2, undefined),
  countSources: (trx) => images.countSources(trx, D, 2),
  deleteSquashedImages: (trx) => images.deleteSquashedImages(trx, [1, 2], 2),
  scanSquashedIndexes: (trx) => indexes.scanSquashedIndexes(trx, 2, undefined),
  countIndexSources: (trx) => indexes.countIndexSources(trx, D, 2),
  deleteSquashedIndexes: (trx) => indexes.deleteSquashedIndexes(trx, D, 2),
  scanBlobs: (trx) => blobs.scanBlobs(trx, 2, undefined),
  countBlobReferences: (trx) => blobs.countReferences(trx, D, 2),
  giveUpBlobs: (trx) => blobs.giveUpBlobs(trx, "sqlite", D, 2),
  findGivenUp: (trx) => blobs.findGivenUp(trx, undefined),
  forgetBlobs: (trx) => blobs.forgetBlobs(trx, [{ digest: "a", key: "b", size: 1, touchedAt: 1 }]),
  scanLayerIndexes: (trx) => scanLayerIndexes(trx, 2, undefined),
  deleteLayerIndexes: (trx) => deleteLayerIndexes(trx, D, 2),
  findStaleUploads: (trx) => findStaleUploads(trx, 2, undefined),
  findBlobKeys: (trx) => findBlobKeys(trx, D),
  findIndexVersions: (trx) => findIndexVersions(trx, D),
};

test("no statement of a batch reads a whole table or index", async () => {
  await using database = await openTestSqlite();
  assert.ok(database.options.kind === "sqlite");
  await insertUnused(database);
  using connection = new DatabaseSync(database.options.path);
  for (const [name, run] of Object.entries(STATEMENTS)) {
    const queries = await database.transaction(async (trx) => {
      const recorder = new Recorder(trx);
      await run(trx.withPlugin(recorder));
      return recorder.queries;
    });
    const expected = name === "deleteLinks" || name === "giveUpBlobs" ? 2 : 1;
    assert.equal(queries.length, expected, name);
    for (const { sql, parameters } of queries) {
      const values = parameters as readonly SQLInputValue[]; // as they were just run with
      for (const { detail } of connection.prepare(`explain query plan ${sql}`).all(...values)) {
        assert.ok(isBounded(String(detail)), `${name}: ${String(detail)}\n${sql}`);
      }
    }
  }
});

/** Unused blobs of an unused link: some functions ask a second question only then. */
async function insertUnused(database: Database): Promise<void> {
  await using store = await openTestFolder();
  const registry = new TestRegistry(database, store);
  registry.now = 1;
  const repository = await registry.createRepository("app");
  assert.equal(repository, 1);
  await registry.pushBlob(repository, "0");
}

/** Keeps the SQL that runs. */
class Recorder implements KyselyPlugin {
  readonly queries: CompiledQuery[] = [];
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  transformQuery({ node, queryId }: PluginTransformQueryArgs): PluginTransformQueryArgs["node"] {
    this.queries.push(this.#db.getExecutor().compileQuery(node, queryId));
    return node;
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

/**
 * A scan of a subquery goes through the page that it has read. All tags of a repository, and all blobs of a state that
 * is not rare, are as many as a table.
 */
function isBounded(step: string): boolean {
  if (/\((?:repository_id=\?|state=\? AND touched_at<\?)\)$/.test(step)) return false;
  return !step.startsWith("SCAN ") || /^SCAN (?:page|t|b|u|r)$/.test(step);
}
