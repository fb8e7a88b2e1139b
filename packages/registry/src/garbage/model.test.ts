import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf } from "@wharf/image";
import type { Digest } from "@wharf/image";
import fc from "fast-check";

import type { Database } from "../database/database.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import { openTestFolder } from "../storage/testing/every-blob-store.ts";
import { randomHistory } from "./testing/random-history.ts";
import type { Collection, Deed } from "./testing/random-history.ts";
import { ReferenceModel, tagKey } from "./testing/reference-model.ts";
import { CONFIG, DAY, HOUR, TestRegistry } from "./testing/test-registry.ts";

const SEED = Number(process.env["WHARF_TEST_SEED"] ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env["WHARF_TEST_RUNS"] ?? 12);

everyDatabase((dialect, openTestDatabase) => {
  const runs = dialect === "sqlite" ? RUNS : Math.ceil(RUNS / 4);

  test(`whatever happens, only what is dead goes, and all of it in the end (WHARF_TEST_SEED=${SEED})`, async () => {
    const property = fc.asyncProperty(randomHistory, async (history) => {
      await using database = await openTestDatabase();
      await using store = await openTestFolder();
      const player = await Player.begin(new TestRegistry(database, store));
      for (const deed of history) {
        if (deed.deed === "collect") await player.collect(deed);
        else await player.play(deed);
      }
      await player.end();
    });
    await fc.assert(property, { seed: SEED, numRuns: runs, endOnFailure: true });
  });
});

async function isThere({ read }: Database, repository: number): Promise<boolean> {
  const row = await read
    .selectFrom("repositories")
    .select("id")
    .where("id", "=", repository)
    .executeTakeFirst();
  return row !== undefined;
}

const KINDS = ["manifests", "links", "blobs", "tags"] as const;

interface Facts {
  readonly blobs: readonly Digest[];
  readonly children: readonly Digest[];
  readonly subject?: Digest;
}

/** Does everything twice: in a registry and in the model. */
class Player {
  readonly #registry: TestRegistry;
  readonly #repositories: number[];
  /** How long what is in a repository, and it itself, can be had back. */
  readonly #windows: Map<number, number>;
  readonly #model: ReferenceModel;
  /** Everything ever pushed: later deeds choose from it. */
  readonly #manifests: (Facts & { digest: Digest })[] = [];

  private constructor(registry: TestRegistry, windows: Map<number, number>) {
    this.#registry = registry;
    this.#windows = windows;
    this.#repositories = [...windows.keys()];
    this.#model = new ReferenceModel({ lease: CONFIG.collection.lease, windows });
  }

  static async begin(registry: TestRegistry): Promise<Player> {
    const windows = new Map<number, number>();
    windows.set(await registry.createRepository("app"), CONFIG.collection.tagExpiration);
    windows.set(await registry.createRepository("other", 2 * HOUR), 2 * HOUR);
    return new Player(registry, windows);
  }

  async collect({ meanwhile }: Collection): Promise<void> {
    const { database } = this.#registry;
    const turns = meanwhile.values();
    const disturbed: Database = {
      dialect: database.dialect,
      read: database.read,
      transaction: async (work) => {
        for (const deed of turns.next().value ?? []) await this.play(deed);
        return await database.transaction(work);
      },
      version: () => database.version(),
      notify: (channel) => database.notify(channel),
      listen: (channel, listener) => database.listen(channel, listener),
      [Symbol.asyncDispose]: async () => {},
    };
    const report = await this.#registry.collector({ database: disturbed }).collect();
    assert.deepEqual(report.errors, { count: 0, first: [] });
    await this.#compare();
  }

  async end(): Promise<void> {
    this.#registry.later(20 * DAY);
    const { report: plan } = await this.#registry.plan();
    const report = await this.#registry.collect();
    assert.deepEqual(plan.taken, report.taken, "the dry run tells what is taken");
    assert.equal((await this.#registry.plan()).report.bytes, 0);
    await this.#compare();
    const alive = this.#model.alive(this.#registry.now);
    const present = this.#model.present();
    for (const kind of KINDS) {
      assert.deepEqual(new Set(present[kind]), alive[kind], `all ${kind} that are dead are gone`);
    }
    const { objects } = await this.#registry.contents();
    assert.equal(objects.length, alive.blobs.size);
  }

  /** Whatever has gone since the last look was dead, and is forgotten. */
  async #compare(): Promise<void> {
    await this.#replaceRepositories();
    const { contents, now } = { contents: await this.#contents(), now: this.#registry.now };
    const alive = this.#model.alive(now);
    const present = this.#model.present();
    for (const kind of KINDS) {
      for (const key of present[kind]) {
        if (contents[kind].has(key)) continue;
        assert.ok(!alive[kind].has(key), `${kind} ${key} was alive and is gone`);
        this.#model.forget(kind, key);
      }
    }
    for (const digest of alive.blobs) {
      assert.ok(await this.#registry.isWhole(digest as Digest), `the object of ${digest} is gone`);
    }
  }

  /** Instead of a repository that was collected there is a new one. */
  async #replaceRepositories(): Promise<void> {
    const { now, database } = this.#registry;
    for (const [place, repository] of this.#repositories.entries()) {
      if (await isThere(database, repository)) continue;
      assert.ok(!this.#model.isKept(repository, now), `repository ${repository} is gone`);
      this.#model.forgetRepository(repository);
      const window = this.#windows.get(repository) ?? 0;
      const made = await this.#registry.createRepository(`app${repository + 1}`, window);
      this.#repositories[place] = made;
      this.#windows.set(made, window);
    }
  }

  async #contents(): Promise<Record<(typeof KINDS)[number], Set<string>>> {
    const { manifests, links, blobs } = await this.#registry.contents();
    const rows = await this.#registry.database.read.selectFrom("tags").selectAll().execute();
    const tags = rows.map((row) =>
      tagKey({
        repository: row.repository_id,
        name: row.name,
        digest: row.manifest_digest,
        endedAt: row.ended_at ?? undefined,
      }),
    );
    return {
      manifests: new Set(manifests),
      links: new Set(links),
      blobs: new Set(blobs),
      tags: new Set(tags),
    };
  }

  async play(deed: Deed): Promise<void> {
    await this.#compare();
    const registry = this.#registry;
    const model = this.#model;
    const { now } = registry;
    if (deed.deed === "wait") return registry.later(deed.hours * HOUR);
    if (deed.deed === "abandon object")
      return void (await registry.storeObject(content(deed.blob)));
    const repository = this.#repositories[deed.repository] ?? 0;
    if (deed.deed === "delete repository") {
      await registry.deleteRepository(repository);
      return model.deleteRepository(repository, now);
    }
    if (deed.deed === "restore repository") {
      const isRestored = await registry.restoreRepository(
        repository,
        this.#windows.get(repository),
      );
      return assert.equal(isRestored, model.restoreRepository(repository, now));
    }
    if (deed.deed === "push blob") {
      const digest = await registry.pushBlob(repository, content(deed.blob));
      model.pushBlob(repository, digest, now);
    } else if (deed.deed === "mount") {
      const digest = blobDigest(deed.blob);
      assert.equal(await registry.mount(repository, digest), model.mount(repository, digest, now));
    } else if (deed.deed === "push manifest") {
      const blobs = [...new Set(deed.blobs.map(blobDigest))];
      const children = [...new Set(deed.children.flatMap((at) => this.#pick(at)?.digest ?? []))];
      const subject =
        deed.subject === undefined
          ? undefined
          : ((deed.isKnot ? children[0] : undefined) ?? this.#pick(deed.subject)?.digest);
      const facts = { blobs, children, ...(subject === undefined ? {} : { subject }) };
      await this.#push(repository, facts, deed.tag);
    } else if (deed.deed === "push again") {
      const facts = this.#pick(deed.manifest);
      if (facts !== undefined) await this.#push(repository, facts, deed.tag);
    } else if (deed.deed === "delete tag") {
      await registry.deleteTag(repository, `t${deed.tag}`);
      model.deleteTag(repository, `t${deed.tag}`, now);
    } else {
      const digest = this.#pick(deed.manifest)?.digest;
      if (digest === undefined) return;
      if (deed.deed === "delete manifest") {
        await registry.deleteManifest(repository, digest);
        model.deleteManifest(repository, digest, now);
      } else {
        const since = now - CONFIG.collection.tagExpiration;
        assert.equal(
          await registry.restoreTag(repository, `t${deed.tag}`, digest),
          model.restoreTag(repository, `t${deed.tag}`, digest, since, now),
        );
      }
    }
  }

  #pick(at: number): (Facts & { digest: Digest }) | undefined {
    return this.#manifests[at % Math.max(1, this.#manifests.length)];
  }

  async #push(repository: number, facts: Facts, tagNumber: number | undefined): Promise<void> {
    const { blobs, children, subject } = facts;
    const tag = tagNumber === undefined ? undefined : `t${tagNumber}`;
    const shape = { blobs, children, ...(subject === undefined ? {} : { subject }) };
    const digest = await this.#registry.pushManifest(repository, shape, tag);
    const expected = this.#model.pushManifest(
      { repository, digest: digest ?? "", blobs, children, subject },
      tag,
      this.#registry.now,
    );
    assert.equal(digest !== undefined, expected, "the push finds the blobs that are there");
    if (digest === undefined || this.#manifests.some((known) => known.digest === digest)) return;
    this.#manifests.push({ digest, ...shape });
  }
}

function content(blob: number): string {
  return `blob ${blob}`;
}

function blobDigest(blob: number): Digest {
  return digestOf(new TextEncoder().encode(content(blob)));
}
