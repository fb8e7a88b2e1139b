import assert from "node:assert/strict";
import { test } from "node:test";
import type { Digest } from "@wharf/image";
import { CompiledQuery } from "kysely";
import type { Kysely } from "kysely";
import { openTestSqlite } from "../../database/testing/every-database.ts";
import type { Tables } from "../../database/tables.ts";
import { findLabels } from "../labels/label-store.ts";
import { findReferrers } from "../manifest-store.ts";
import { findActingLabels, findUndescribed } from "./description-store.ts";
import { findReferring, findTagged, findTagsOf } from "./detail-store.ts";

const digest = `sha256:${"a".repeat(64)}` as Digest; // of the form of one

/** A statement, and the index that it must be answered by. */
const STATEMENTS: readonly (readonly [
  index: RegExp,
  run: (db: Kysely<Tables>) => Promise<unknown>,
])[] = [
  [/manifests_by_subject \(repository_id=\? AND subject/, (db) => findReferring(db, 1, digest, 9)],
  [
    /manifests_by_subject \(repository_id=\? AND subject_digest=\? AND digest>/,
    (db) => findReferrers(db, 1, digest, { artifactType: undefined, after: digest, limit: 9 }),
  ],
  [
    /manifests_by_subject \(repository_id=\? AND subject_digest=\?\)/,
    (db) => findReferrers(db, 1, digest, { artifactType: "x", after: undefined, limit: 9 }),
  ],
  [
    /tags_by_repository_id_and_manifest_digest \(repository_id=\? AND manifest_digest=\?\)/,
    (db) => findTagsOf(db, 1, digest, 5, 9),
  ],
  [/tags_open \(repository_id=\? AND name=\?\)/, (db) => findTagged(db, 1, ["a", "b"], 5)],
  [/manifests_undescribed/, (db) => findUndescribed(db, 9)],
  [
    /manifest_labels_by_\w+ \(repository_id=\? AND manifest_digest=\?\)/,
    (db) => findLabels(db, { repositoryId: 1, digest }, { prefix: "a", limit: 9 }),
  ],
  [
    /manifest_labels_by_\w+ \(repository_id=\? AND manifest_digest=\?\)/,
    (db) => findActingLabels(db, 1, [digest]),
  ],
];

test("what belongs to a manifest is found by an index, however many others there are", async () => {
  await using database = await openTestSqlite();
  for (const [index, run] of STATEMENTS) {
    const queries: CompiledQuery[] = [];
    const executor = database.read.getExecutor();
    await run(
      database.read.withPlugin({
        transformQuery({ node, queryId }) {
          queries.push(executor.compileQuery(node, queryId));
          return node;
        },
        transformResult: ({ result }) => Promise.resolve(result),
      }),
    );
    assert.equal(queries.length, 1);
    for (const { sql, parameters } of queries) {
      const plan = await database.read.executeQuery<{ detail: string }>(
        CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]),
      );
      assert.match(plan.rows.map(({ detail }) => detail).join("\n"), index, sql);
    }
  }
});
