import assert from "node:assert/strict";
import { test } from "node:test";
import { REGISTRY } from "../../audit/record-audit.ts";
import { openTestSqlite } from "../../database/testing/every-database.ts";
import { addManifest, addNamespace, addRepository } from "../../database/testing/example-rows.ts";
import { expireByLabel } from "./expire-by-label.ts";
import { pointTag } from "./point-tag.ts";

const DIGEST = `sha256:${"1".repeat(64)}`;
const HOUR = 3_600_000;
const PUSHED = 1_000_000;

test("a label counts from the push, and never brings an expired tag to life", async () => {
  await using database = await openTestSqlite();
  const repository = await database.transaction(async (trx) => {
    const namespaceId = await addNamespace(trx, "team");
    const id = await addRepository(trx, namespaceId, "team/app");
    await addManifest(trx, id, DIGEST);
    const made = { id, namespaceId, name: "team/app", namespace: "team" };
    for (const [tag, expiresAt] of [
      ["new", null],
      ["expiring", PUSHED + 1],
      ["protected", null],
    ] as const) {
      const isImmutable = tag === "protected";
      const target = { tag, digest: DIGEST, by: undefined, expiresAt, isImmutable };
      await pointTag(trx, made, target, PUSHED);
    }
    return made;
  });
  const label = async (now: number, tags?: readonly string[], expiresAfter = "1h") => {
    const image = { digest: DIGEST, tags, expiresAfter, actor: REGISTRY };
    await database.transaction((trx) => expireByLabel(trx, repository, image, now));
    const rows = await database.read.selectFrom("tags").select(["name", "expires_at"]).execute();
    return Object.fromEntries(rows.map((row) => [row.name, row.expires_at]));
  };
  const first = { new: PUSHED + HOUR, expiring: PUSHED + 1, protected: null };
  assert.deepEqual(await label(PUSHED + 5), first);
  assert.deepEqual(await label(PUSHED + 5, ["expiring", "protected"]), first);
  assert.deepEqual(await label(PUSHED + HOUR / 2, undefined, "2h"), first);
  assert.deepEqual(await label(PUSHED + HOUR / 2, ["new"], "2h"), {
    ...first,
    new: PUSHED + 2.5 * HOUR,
  });
  assert.deepEqual(await label(PUSHED, ["expiring"], "never"), {
    ...first,
    new: PUSHED + 2.5 * HOUR,
  });
  const audited = await database.read.selectFrom("events").select("kind").execute();
  assert.deepEqual(
    audited.map(({ kind }) => kind),
    ["audit", "audit"],
  );
});
