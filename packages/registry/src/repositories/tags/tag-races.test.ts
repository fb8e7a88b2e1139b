// Long because it is one thing: what must hold of tags whoever does what at the same time.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { digestOf } from "@wharf/image";
import { OPERATOR } from "../../accounts/admin/actor.ts";
import { ANONYMOUS } from "../../accounts/principal.ts";
import { openDatabase } from "../../database/open-database.ts";
import { everyDatabase } from "../../database/testing/every-database.ts";
import type { TestDatabase } from "../../database/testing/every-database.ts";
import type { Database } from "../../database/database.ts";
import { addBlob, addNamespace, addRepository } from "../../database/testing/example-rows.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { deleteManifest } from "../delete-manifest.ts";
import { putManifest } from "../put-manifest.ts";
import type { Repository } from "../repository.ts";
import { changeTagIn } from "./change-tag.ts";
import { deleteTag } from "./delete-tag.ts";
import { forgetImageIn } from "./forget-image.ts";
import { restoreTagIn } from "./restore-tag.ts";

const TAGS = ["one", "two"];
const IMAGES = [0, 1, 2].map((number) => new TextEncoder().encode(`{"image":${number}}`));
const BLOB = digestOf(new Uint8Array(1));

suite("tags under many hands", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("one interval is open, and the history has no overlaps, whoever moves, deletes and restores", async () => {
      await using database = await openTestDatabase();
      await using other = await openDatabase(database.options);
      const repository = await filled(database);
      let seed = 7;
      const next = (below: number): number => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        return Math.floor((seed / 2 ** 31) * below);
      };
      const done = new Map<string, number>();
      for (let round = 0; round < 25; round++) {
        await Promise.all(
          Array.from({ length: 8 }, async (_, hand) => {
            const tag = TAGS[next(TAGS.length)] ?? "";
            const image = IMAGES[next(IMAGES.length)] ?? new Uint8Array();
            const where = hand % 2 === 0 ? database : other;
            const deed = DEEDS[next(DEEDS.length)] ?? push;
            const outcome = await outcomeOf(deed(where, repository, tag, image));
            const name = `${deed.name} ${outcome}`;
            done.set(name, (done.get(name) ?? 0) + 1);
          }),
        );
        await expectWhole(database, repository);
      }
      for (const deed of DEEDS) assert.ok((done.get(`${deed.name} ok`) ?? 0) > 0, deed.name);
      const unexpected = [...done.keys()].filter(
        (name) => !/ (?:ok|MANIFEST_UNKNOWN|CONFLICT)$/.test(name),
      );
      assert.deepEqual(unexpected, []);
    });

    test("of two first pushes of a tag that a policy protects, one wins for good", async () => {
      await using database = await openTestDatabase();
      await using other = await openDatabase(database.options);
      const repository = await filled(database);
      await database.transaction((trx) =>
        trx
          .insertInto("policies")
          .values({
            uuid: "policy",
            kind: "immutability",
            namespace_id: repository.namespaceId,
            repository_id: null,
            method: null,
            value: null,
            tag_pattern: "v",
            tag_pattern_matches: 1,
            created_at: 1,
          })
          .execute(),
      );
      for (let number = 0; number < 10; number++) {
        const outcomes = await Promise.all(
          [database, other, database, other].map((where, hand) =>
            outcomeOf(push(where, repository, `v${number}`, IMAGES[hand % 2] ?? new Uint8Array())),
          ),
        );
        // The same image again is no change.
        const refused = outcomes.filter((outcome) => outcome === "TAG_IMMUTABLE").length;
        assert.deepEqual([refused, outcomes.filter((outcome) => outcome === "ok").length], [2, 2]);
      }
      const rows = await database.read
        .selectFrom("tags")
        .select("ended_at")
        .where("name", "like", "v%")
        .execute();
      assert.deepEqual(
        rows.map((row) => row.ended_at),
        rows.map(() => null),
      );
      assert.equal(rows.length, 10);
    });

    test("a tag that becomes immutable is either moved before or not at all", async () => {
      await using database = await openTestDatabase();
      await using other = await openDatabase(database.options);
      const repository = await filled(database);
      const [first = new Uint8Array(), second = new Uint8Array()] = IMAGES;
      for (let number = 0; number < 10; number++) {
        const tag = `t${number}`;
        await push(database, repository, tag, first);
        const [protectedTag, moved] = await Promise.all([
          outcomeOf(protect(database, repository, tag)),
          outcomeOf(push(other, repository, tag, second)),
        ]);
        assert.equal(protectedTag, "ok");
        const open = await openTag(database, repository, tag);
        const digest = digestOf(moved === "ok" ? second : first);
        // Moved after it had been protected it would not be protected any more.
        assert.deepEqual({ ...open }, { manifest_digest: digest, immutable: 1 }, moved);
      }
    });
  });
});

type Deed = (
  database: Database,
  repository: Repository,
  tag: string,
  image: Uint8Array,
) => Promise<unknown>;

const push: Deed = async (database, repository, tag, image) => {
  await putManifest(
    database,
    repository,
    {
      manifest: { ...MANIFEST, digest: digestOf(image), content: image },
      blobs: [{ digest: BLOB, size: 1, field: "config", isOptional: false }],
      tags: [tag],
      actor: ANONYMOUS,
      lease: 60_000,
    },
    Date.now(),
  );
};

const move: Deed = (database, repository, tag, image) =>
  database.transaction((trx) =>
    changeTagIn(trx, OPERATOR, repository, tag, { digest: digestOf(image) }, Date.now()),
  );

const remove: Deed = async (database, repository, tag) => {
  if (!(await deleteTag(database, repository, tag, OPERATOR, Date.now()))) throw unknown();
};

const restore: Deed = (database, repository, tag, image) =>
  database.transaction((trx) =>
    restoreTagIn(trx, OPERATOR, repository, tag, digestOf(image), Date.now()),
  );

const expire: Deed = (database, repository, tag) =>
  database.transaction((trx) =>
    trx
      .updateTable("tags")
      .set({ expires_at: Date.now() + 2 })
      .where("repository_id", "=", repository.id)
      .where("name", "=", tag)
      .where("ended_at", "is", null)
      .execute(),
  );

const removeImage: Deed = async (database, repository, _tag, image) => {
  const digest = digestOf(image);
  if (!(await deleteManifest(database, repository, digest, OPERATOR, Date.now()))) throw unknown();
};

const forget: Deed = (database, repository, tag, image) =>
  database.transaction((trx) =>
    forgetImageIn(
      trx,
      OPERATOR,
      repository,
      { tag, digest: digestOf(image), isAlive: true, withChildren: true },
      Date.now(),
    ),
  );

const DEEDS: readonly Deed[] = [push, move, move, remove, restore, expire, removeImage, forget];

const protect = (database: Database, repository: Repository, tag: string): Promise<unknown> =>
  database.transaction((trx) =>
    changeTagIn(trx, OPERATOR, repository, tag, { isImmutable: true }, Date.now()),
  );

function unknown(): RegistryError {
  return new RegistryError("MANIFEST_UNKNOWN", "there is none");
}

async function outcomeOf(deed: Promise<unknown>): Promise<string> {
  try {
    await deed;
    return "ok";
  } catch (error) {
    if (error instanceof RegistryError) return error.code;
    throw error;
  }
}

const MANIFEST = {
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  kind: "image",
  artifactType: undefined,
  subject: undefined,
  annotations: undefined,
  totalSize: 1,
  children: [],
} as const;

async function filled(database: TestDatabase): Promise<Repository> {
  const { id, namespaceId } = await database.transaction(async (trx) => {
    const owner = await addNamespace(trx, "team");
    const made = await addRepository(trx, owner, "team/app");
    await addBlob(trx, made, BLOB);
    return { id: made, namespaceId: owner };
  });
  const repository: Repository = {
    id,
    name: "team/app",
    namespaceId,
    namespace: "team",
    visibility: "private",
    state: "normal",
    squashAtPush: false,
    squashCompression: "none",
  };
  for (const image of IMAGES) await push(database, repository, "one", image);
  return repository;
}

async function openTag(
  database: Database,
  repository: Repository,
  tag: string,
): Promise<{ manifest_digest: string; immutable: number } | undefined> {
  return database.read
    .selectFrom("tags")
    .select(["manifest_digest", "immutable"])
    .where("repository_id", "=", repository.id)
    .where("name", "=", tag)
    .where("ended_at", "is", null)
    .executeTakeFirst();
}

/** At most one open interval, none overlaps another, and what a tag points to is served. */
async function expectWhole({ read }: Database, repository: Repository): Promise<void> {
  for (const tag of TAGS) {
    const rows = await read
      .selectFrom("tags")
      .innerJoin("manifests", (join) =>
        join
          .onRef("manifests.repository_id", "=", "tags.repository_id")
          .onRef("manifests.digest", "=", "tags.manifest_digest"),
      )
      .select([
        "tags.id",
        "tags.started_at as start",
        "tags.ended_at as end",
        "manifests.deleted_at as hidden",
      ])
      .where("tags.repository_id", "=", repository.id)
      .where("tags.name", "=", tag)
      .orderBy("tags.started_at")
      .orderBy("tags.id")
      .execute();
    assert.ok(rows.filter(({ end }) => end === null).length <= 1);
    for (const [index, row] of rows.entries()) {
      const text = JSON.stringify(rows);
      assert.ok((row.end ?? Infinity) >= row.start, text);
      const following = rows[index + 1];
      if (following === undefined) {
        assert.ok(row.end !== null || row.hidden === null, text);
        continue;
      }
      assert.ok(row.end !== null && row.end <= following.start, text);
    }
  }
}
