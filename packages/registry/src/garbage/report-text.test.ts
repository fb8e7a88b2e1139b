import assert from "node:assert/strict";
import { test } from "node:test";

import { KINDS } from "./collection-report.ts";
import type { CollectedKind, CollectionReport } from "./collection-report.ts";
import { itemText, reportText } from "./report-text.ts";

const NONE = Object.fromEntries(KINDS.map((kind) => [kind, { count: 0, bytes: 0 }])) as Record<
  CollectedKind,
  { count: number; bytes: number }
>; // every kind is there

const EMPTY: CollectionReport = {
  dryRun: true,
  startedAt: 0,
  finishedAt: 1,
  complete: true,
  taken: NONE,
  bytes: 0,
  errors: { count: 0, first: [] },
};

test("a report tells what there is and leaves out what there is not", () => {
  assert.equal(reportText(EMPTY), "nothing would be taken\n");
  const report: CollectionReport = {
    ...EMPTY,
    dryRun: false,
    complete: false,
    taken: { ...NONE, manifests: { count: 2, bytes: 0 }, blobs: { count: 3, bytes: 1536 } },
    bytes: 1536,
    errors: { count: 2, first: [{ kind: "blobs", item: "sha256:1", message: "no" }] },
  };
  assert.equal(
    reportText(report),
    [
      "2 manifests",
      "3 blobs that no repository needs, 1.5 KiB",
      "1.5 KiB of the blob store taken back",
      "not everything was looked at; the next collection goes on",
      "error: sha256:1: no",
      "and 1 more error",
      "",
    ].join("\n"),
  );
});

test("an item is one line", () => {
  assert.equal(
    itemText({ kind: "tags", repository: "team/app", tag: "v1", digest: "sha256:1", bytes: 0 }),
    "tags team/app:v1@sha256:1",
  );
  assert.equal(
    itemText({ kind: "blobs", digest: "sha256:1", bytes: 10 }),
    "blobs sha256:1 10 bytes",
  );
  assert.equal(
    itemText({ kind: "uploads", repository: "team/app", name: "u1", bytes: 0 }),
    "uploads team/app u1",
  );
});
