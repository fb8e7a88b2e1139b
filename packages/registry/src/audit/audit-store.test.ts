import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { everyDatabase } from "../database/testing/every-database.ts";
import { addDayCounts, findDayCounts, findEntries, findKinds } from "./audit-store.ts";
import type { EntryQuery, EntryRow } from "./audit-store.ts";
import type { AuditedDeed } from "./audited-deed.ts";
import { writeDeeds } from "./write-deeds.ts";

const KINDS = ["create_tag", "pull_repo", "push_repo", "create_repo"];
const PERFORMERS = ["alice", "team+ci", null];

/** Entries of few times, namespaces, repositories, kinds and performers, so that every filter finds some and not all. */
const DEEDS: readonly AuditedDeed[] = Array.from({ length: 400 }, (_, at) => {
  const random = (at * 2_654_435_761) % 4_294_967_296;
  const repository = random % 5;
  return {
    at: Math.floor(at / 3),
    kind: KINDS[(random >>> 3) % 4] ?? "",
    namespaceId: repository === 4 ? null : 1 + (repository % 2),
    namespace: repository === 4 ? null : `n${1 + (repository % 2)}`,
    repositoryId: repository < 3 ? 10 + repository : null,
    repository: repository < 3 ? `r${repository}` : null,
    performerId: null,
    performer: PERFORMERS[(random >>> 5) % 3] ?? null,
    performerKind: "user",
    via: null,
    address: "127.0.0.1",
    userAgent: null,
    metadata: { number: at },
  };
});

const arbitraryQuery: fc.Arbitrary<EntryQuery> = fc.record({
  scope: fc.constantFrom(
    undefined,
    { namespaceId: 1 },
    { namespaceId: 2 },
    { repositoryId: 10 },
    { repositoryId: 99 },
  ),
  from: fc.integer({ min: 0, max: 140 }),
  to: fc.integer({ min: 0, max: 140 }),
  performer: fc.constantFrom(undefined, "alice", "team+ci", "nobody"),
  kinds: fc.constantFrom(undefined, ["pull_repo"], ["create_tag", "push_repo"], ["none"], KINDS),
  order: fc.constantFrom("newest", "oldest"),
  after: fc.option(
    fc.record({ at: fc.integer({ min: 0, max: 140 }), id: fc.integer({ min: 0, max: 400 }) }),
    { nil: undefined },
  ),
  limit: fc.integer({ min: 1, max: 30 }),
});

everyDatabase((_dialect, openTestDatabase) => {
  test("a page has what the filter says, in order, whatever is combined", async () => {
    await using database = await openTestDatabase();
    await database.transaction((trx) => writeDeeds(trx, { addresses: true }, DEEDS));
    const all = await database.read.selectFrom("audit_log").selectAll().execute();
    assert.equal(all.length, 400);
    await fc.assert(
      fc.asyncProperty(arbitraryQuery, async (query) => {
        const found = await findEntries(database.read, query);
        assert.deepEqual(
          found.map(({ id }) => id),
          expected(all, query).map(({ id }) => id),
        );
      }),
      { numRuns: 150 },
    );
    assert.deepEqual(
      await findKinds(database.read, { scope: { namespaceId: 1 }, performer: "alice" }),
      [
        ...new Set(
          all
            .filter(({ namespace_id: id, performer }) => id === 1 && performer === "alice")
            .map(({ kind }) => kind)
            .toSorted(),
        ),
      ],
    );
  });

  test("entries are counted for each list that shows them", async () => {
    await using database = await openTestDatabase();
    await database.transaction(async (trx) => {
      await writeDeeds(trx, { addresses: true }, DEEDS.slice(0, 100));
      await writeDeeds(trx, { addresses: true }, DEEDS.slice(100));
      await addDayCounts(trx, []);
    });
    for (const [place, performer] of [
      [{ namespaceId: 0, repositoryId: 0 }, ""],
      [{ namespaceId: 1, repositoryId: 0 }, ""],
      [{ namespaceId: 1, repositoryId: 10 }, "team+ci"],
    ] as const) {
      const counts = await findDayCounts(database.read, {
        ...place,
        performer,
        kinds: ["pull_repo"],
        days: [0, 1],
      });
      const entries = DEEDS.filter(
        (deed) =>
          deed.kind === "pull_repo" &&
          (place.namespaceId === 0 || deed.namespaceId === place.namespaceId) &&
          (place.repositoryId === 0 || deed.repositoryId === place.repositoryId) &&
          (performer === "" || deed.performer === performer),
      ).length;
      assert.deepEqual(counts, [{ day: 0, kind: "pull_repo", entries }]);
    }
  });

  test("addresses are not kept where they shall not be", async () => {
    await using database = await openTestDatabase();
    await database.transaction((trx) => writeDeeds(trx, { addresses: false }, DEEDS.slice(0, 1)));
    const [row] = await database.read.selectFrom("audit_log").selectAll().execute();
    assert.deepEqual([row?.address, row?.user_agent, row?.metadata], [null, null, '{"number":0}']);
  });
});

function expected(all: readonly EntryRow[], query: EntryQuery): readonly EntryRow[] {
  const { scope, from, to, performer, kinds, order, after, limit } = query;
  const sign = order === "newest" ? -1 : 1;
  const compare = (one: Place, other: Place): number =>
    sign * (one.at - other.at || one.id - other.id);
  return all
    .filter(
      (row) =>
        (scope === undefined ||
          ("namespaceId" in scope
            ? row.namespace_id === scope.namespaceId
            : row.repository_id === scope.repositoryId)) &&
        row.at >= from &&
        row.at < to &&
        (performer === undefined || row.performer === performer) &&
        (kinds === undefined || kinds.includes(row.kind)) &&
        (after === undefined || compare(row, after) > 0),
    )
    .toSorted(compare)
    .slice(0, limit);
}

type Place = Pick<EntryRow, "at" | "id">;
