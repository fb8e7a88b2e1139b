import assert from "node:assert/strict";
import { test } from "node:test";
import type { Digest } from "@wharf/image";
import { ANONYMOUS } from "../accounts/principal.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import type { TestDatabase } from "../database/testing/every-database.ts";
import type { Repository } from "../repositories/repository.ts";
import type { Pull } from "./pull.ts";
import { pullDays } from "./pull-days.ts";
import { PullRecorder } from "./pull-recorder.ts";
import { findManifestPulls, findTagPulls } from "./pull-store.ts";

const DAY = 86_400_000;
const digest = `sha256:${"a".repeat(64)}` as Digest; // of the form of one

everyDatabase((_name, open) => {
  test("pulls of several replicas add up, by tag, manifest and day", async () => {
    await using database = await open();
    const repository = await makeRepository(database);
    let time = 20_000 * DAY;
    await using one = recorder(database, () => time);
    await using other = recorder(database, () => time);
    for (let pull = 0; pull < 3; pull++) one.record(pullOf(repository, "v1"));
    other.record(pullOf(repository, "v1"));
    other.record(pullOf(repository, undefined));
    await Promise.all([one.flush(), other.flush()]);
    time += DAY + 5;
    one.record(pullOf(repository, "v2"));
    // What is in the way of a flush waits for the next one.
    await Promise.all([one.flush(), one.flush()]);
    const { read } = database;
    assert.deepEqual(await findTagPulls(read, repository.id, "v1"), {
      pulls: 4,
      lastPulledAt: 20_000 * DAY,
    });
    assert.deepEqual(await findManifestPulls(read, repository.id, digest), {
      pulls: 6,
      lastPulledAt: time,
    });
    assert.deepEqual(await pullDays(read, repository.id, 3, time), [
      { day: 19_999, pulls: 0 },
      { day: 20_000, pulls: 5 },
      { day: 20_001, pulls: 1 },
    ]);
    assert.deepEqual(await findTagPulls(read, repository.id, "none"), {
      pulls: 0,
      lastPulledAt: undefined,
    });
  });

  test("pulls of a repository that is gone are left out, the others are counted", async () => {
    await using database = await open();
    const repository = await makeRepository(database);
    await using pulls = recorder(database, () => DAY);
    const gone = { ...repository, id: repository.id + 1000 };
    pulls.record(pullOf(gone, "v1"));
    pulls.record(pullOf(repository, "v1"));
    await pulls.flush();
    assert.equal((await findTagPulls(database.read, repository.id, "v1")).pulls, 1);
    assert.equal((await findTagPulls(database.read, gone.id, "v1")).pulls, 0);
  });

  test("what cannot be written is dropped, and told", async () => {
    await using database = await open();
    const repository = await makeRepository(database);
    const warnings: string[] = [];
    const failing = {
      ...database,
      dialect: database.dialect,
      transaction: () => Promise.reject(new Error("no room")),
    };
    await using pulls = new PullRecorder({
      database: failing,
      log: { warn: (text) => void warnings.push(text) },
      now: () => DAY,
    });
    pulls.record(pullOf(repository, "v1"));
    await pulls.flush();
    await pulls.flush();
    assert.deepEqual(warnings, ["pulls could not be counted"]);
  });

  test("memory stays bounded, and listeners hear of every pull", async () => {
    await using database = await open();
    const repository = await makeRepository(database);
    const warnings: (object | undefined)[] = [];
    await using pulls = new PullRecorder({
      database,
      log: { warn: (_text, facts) => void warnings.push(facts) },
      now: () => DAY,
    });
    let heard: Pull | undefined;
    let count = 0;
    const end = pulls.listen({
      pulled(pull) {
        heard = pull;
        count++;
      },
    });
    for (let tag = 0; tag < 20_010; tag++) pulls.record(pullOf(repository, `v${tag}`));
    end();
    pulls.record(pullOf(repository, "v0"));
    assert.equal(count, 20_010);
    assert.equal(heard?.tag, "v20009");
    assert.equal(heard.at, DAY);
    await pulls.flush();
    assert.deepEqual(warnings, [{ pulls: 10 }]);
    const { read } = database;
    assert.equal((await findManifestPulls(read, repository.id, digest)).pulls, 20_001);
    assert.equal((await findTagPulls(read, repository.id, "v0")).pulls, 2);
  });

  test("a digest that was resolved from a tag counts for the tag, once", async () => {
    await using database = await open();
    const repository = await makeRepository(database);
    await using pulls = recorder(database, () => DAY);
    const place = { repository, address: "10.0.0.1", digest };
    pulls.resolved(place, "v1");
    assert.equal(pulls.tagOf({ ...place, address: "10.0.0.2" }), undefined);
    assert.equal(pulls.tagOf(place), "v1");
    assert.equal(pulls.tagOf(place), undefined);
  });
});

function recorder(database: TestDatabase, now: () => number): PullRecorder {
  return new PullRecorder({ database, log: { warn() {} }, now });
}

function pullOf(repository: Repository, tag: string | undefined): Omit<Pull, "at"> {
  return {
    kind: "pull_repo",
    repository,
    tag,
    digest,
    principal: ANONYMOUS,
    address: "10.0.0.1",
    userAgent: undefined,
  };
}

async function makeRepository(database: TestDatabase): Promise<Repository> {
  return await database.transaction(async (trx) => {
    const { id: namespaceId } = await trx
      .insertInto("accounts")
      .values({
        kind: "organization",
        name: "team",
        enabled: 1,
        superuser: 0,
        description: "",
        created_at: 1,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    const { id } = await trx
      .insertInto("repositories")
      .values({
        namespace_id: namespaceId,
        name: "team/app",
        visibility: "private",
        state: "normal",
        description: "",
        squash_at_push: 0,
        squash_compression: "none",
        created_at: 1,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    return {
      id,
      name: "team/app",
      namespaceId,
      namespace: "team",
      visibility: "private",
      state: "normal",
      squashAtPush: false,
      squashCompression: "none",
    };
  });
}
