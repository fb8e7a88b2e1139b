import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../database/open-database.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import { addJob, addJobs } from "./add-job.ts";
import { jobHandler, PermanentJobError } from "./job-handler.ts";
import type { JobContext, JobHandler } from "./job-handler.ts";
import { JobRunner } from "./job-runner.ts";
import type { JobEnd, JobRunnerOptions } from "./job-runner.ts";
import { claimJobs } from "./store.ts";

everyDatabase((dialect, openTestDatabase) => {
  test("a job runs with its payload and goes", async () => {
    await using database = await openTestDatabase();
    const seen: unknown[] = [];
    const ends = new Ends();
    await using runner = newRunner(
      database,
      ends,
      handler(async (payload) => void seen.push(payload)),
    );
    runner.start();
    await add(database, "one");
    assert.deepEqual(await ends.next(), { kind: "kind", key: "one", outcome: "done", attempt: 1 });
    assert.deepEqual(seen, [{ key: "one" }]);
    assert.deepEqual(await rows(database), []);
  });

  test("while a job waits a second one like it is not added, but the earlier time counts", async () => {
    await using database = await openTestDatabase();
    await add(database, "one", 5_000);
    await add(database, "one", 9_000);
    await add(database, "one", 1_000);
    await database.transaction((trx) =>
      addJobs(trx, [
        { kind: "kind", key: "two", payload: 1, runAt: 30 },
        { kind: "kind", key: "two", payload: 2, runAt: 20 },
        { kind: "other", key: "two", payload: 3, runAt: 10 },
      ]),
    );
    const waiting = await database.read
      .selectFrom("jobs")
      .select(["kind", "key", "run_at", "payload"])
      .orderBy("run_at")
      .execute();
    assert.deepEqual(waiting, [
      { kind: "other", key: "two", run_at: 10, payload: "3" },
      { kind: "kind", key: "two", run_at: 20, payload: "1" },
      { kind: "kind", key: "one", run_at: 1_000, payload: '{"key":"one"}' },
    ]);
  });

  test("one that is added while another like it runs waits for its end", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    const first = new Gate();
    let running = 0;
    const work = handler(async () => {
      assert.equal(++running, 1);
      await first.pass();
      running--;
    });
    await using runner = newRunner(database, ends, work);
    runner.start();
    await add(database, "one");
    await first.reached;
    await add(database, "one");
    await add(database, "one");
    assert.deepEqual((await rows(database)).map(({ state }) => state).toSorted(), [
      "ready",
      "running",
    ]);
    first.open();
    await ends.next();
    await ends.next();
    assert.deepEqual(await rows(database), []);
  });

  test("a job runs at its time", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    let ranAt = 0;
    const work = handler(async () => {
      ranAt = Date.now();
    });
    await using runner = newRunner(database, ends, work);
    runner.start();
    const runAt = Date.now() + 60;
    await add(database, "one", runAt);
    await ends.next();
    assert.ok(ranAt >= runAt, `${runAt - ranAt} ms too early`);
  });

  test("only jobs that are due count as waiting", async () => {
    await using database = await openTestDatabase();
    await using runner = newRunner(
      database,
      new Ends(),
      handler(async () => {}),
    );
    await add(database, "later", Date.now() + 3_600_000);
    assert.equal(await runner.waiting(), 0);
    await add(database, "now");
    assert.equal(await runner.waiting(), 1);
  });

  test("a job that throws runs again, and is dead after the last attempt", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    const attempts: number[] = [];
    const work = handler(
      async (_payload, { attempt }) => {
        attempts.push(attempt);
        throw new Error(`no ${attempt}`);
      },
      { maxAttempts: 3, backOff: () => 0 },
    );
    await using runner = newRunner(database, ends, work);
    runner.start();
    await add(database, "one");
    const outcomes = [await ends.next(), await ends.next(), await ends.next()];
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ["retry", "retry", "dead"],
    );
    assert.deepEqual(attempts, [1, 2, 3]);
    assert.deepEqual(await rows(database), [{ key: "one", state: "dead", last_error: "no 3" }]);
    // A dead one keeps no new one from being added.
    await add(database, "one");
    assert.equal((await ends.next()).attempt, 1);
  });

  test("a job is dead at once when trying again is useless", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    const work = handler(async () => {
      throw new PermanentJobError("never");
    });
    await using runner = newRunner(database, ends, work);
    runner.start();
    await add(database, "one");
    await database.transaction((trx) =>
      addJob(trx, { kind: "kind", key: "wrong", payload: { key: 7 } }),
    );
    const outcomes = [await ends.next(), await ends.next()];
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ["dead", "dead"],
    );
    const [one, wrong] = await rows(database);
    assert.equal(one?.last_error, "never");
    assert.match(wrong?.last_error ?? "", /payload of a job "kind" is wrong: .*expected string/s);
  });

  test("two runners run each job once, never more than they may at a time", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    const ends = new Ends();
    const ran: string[] = [];
    let running = 0;
    let most = 0;
    const work = handler(async ({ key }) => {
      most = Math.max(most, ++running);
      await database.read.selectFrom("settings").selectAll().execute();
      ran.push(key);
      running--;
    });
    const keys = Array.from({ length: 120 }, (_, number) => String(number).padStart(3, "0"));
    await database.transaction((trx) =>
      addJobs(
        trx,
        keys.map((key) => ({ kind: "kind", key, payload: { key } })),
      ),
    );
    await using first = newRunner(database, ends, work, { concurrency: 3 });
    first.start();
    await using second = newRunner(replica, ends, work, { concurrency: 3 });
    second.start();
    for (let number = 0; number < keys.length; number++) await ends.next();
    assert.deepEqual(ran.toSorted(), keys);
    assert.ok(most <= 6, `${most} at a time`);
    assert.deepEqual(await rows(database), []);
  });

  test("the job of a process that died runs again after its lease, but not for ever", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    await add(database, "one");
    await dieWith(database, 1);
    const runs: number[] = [];
    const work = handler(
      async (_payload, { attempt }) => {
        runs.push(attempt);
      },
      { maxAttempts: 2 },
    );
    await using runner = newRunner(database, ends, work);
    runner.start();
    assert.deepEqual(await ends.next(), { kind: "kind", key: "one", outcome: "done", attempt: 2 });

    await database.transaction((trx) =>
      addJob(trx, { kind: "kind", key: "killer", payload: {}, runAt: Date.now() + 3_600_000 }),
    );
    await dieWith(database, 2);
    await database.transaction((trx) =>
      addJob(trx, { kind: "kind", key: "wake", payload: { key: "wake" } }),
    );
    const outcomes = [await ends.next(), await ends.next()];
    assert.deepEqual(outcomes.map(({ key, outcome }) => `${key} ${outcome}`).toSorted(), [
      "killer dead",
      "wake done",
    ]);
    assert.deepEqual(runs, [2, 1]);
  });

  test("a runner renews the lease of a job that takes long", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    const gate = new Gate();
    const leases = async () =>
      (await database.read.selectFrom("jobs").select("lease_until").execute())[0]?.lease_until ?? 0;
    await using runner = newRunner(
      database,
      ends,
      handler(() => gate.pass()),
      { leaseTime: 900 },
    );
    runner.start();
    await add(database, "one");
    await gate.reached;
    const first = await leases();
    while ((await leases()) === first) await setImmediate();
    gate.open();
    assert.equal((await ends.next()).outcome, "done");
  });

  test("a runner that lost a job aborts it and changes nothing", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    const gate = new Gate();
    const work = handler(async (_payload, { signal }) => {
      const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
      gate.open();
      await gate.pass();
      await aborted;
    });
    await using runner = newRunner(database, ends, work, { leaseTime: 60 });
    runner.start();
    await add(database, "one");
    await gate.reached;
    await database.transaction((trx) =>
      trx
        .updateTable("jobs")
        .set({ owner: "another", run_at: Date.now() + 3_600_000 })
        .execute(),
    );
    assert.equal((await ends.next()).outcome, "lost");
    assert.equal((await rows(database))[0]?.state, "running");
  });

  test("stopping waits for running jobs and starts no more", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    const gate = new Gate();
    const runner = newRunner(
      database,
      ends,
      handler(() => gate.pass()),
      { concurrency: 1 },
    );
    runner.start();
    await add(database, "one");
    await gate.reached;
    await add(database, "two");
    const stopped = runner[Symbol.asyncDispose]();
    gate.open();
    await stopped;
    assert.equal((await ends.next()).outcome, "done");
    assert.deepEqual(await rows(database), [{ key: "two", state: "ready", last_error: null }]);
  });

  test("a job that takes too long to wait for is aborted and given back", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    const gate = new Gate();
    const work = handler(async (_payload, { signal }) => {
      gate.open();
      await gate.pass();
      await new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    });
    const runner = newRunner(database, ends, work, { stopTime: 10 });
    runner.start();
    await add(database, "one");
    await gate.reached;
    await runner[Symbol.asyncDispose]();
    assert.equal((await ends.next()).outcome, "returned");
    const given = await database.read
      .selectFrom("jobs")
      .select(["state", "attempts", "owner"])
      .execute();
    assert.deepEqual(given, [{ state: "ready", attempts: 0, owner: null }]);
  });

  test("a recurring job runs again and again, once for all replicas, also after failures", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    const ends = new Ends();
    let runs = 0;
    const work = jobHandler({
      kind: "clean",
      payload: z.object({ deep: z.boolean() }),
      maxAttempts: 1,
      every: { milliseconds: 20, payload: { deep: true } },
      run: async () => {
        if (++runs === 2) throw new Error("no");
      },
    });
    await using first = newRunner(database, ends, work);
    first.start();
    await using second = newRunner(replica, ends, work);
    second.start();
    const outcomes = [];
    for (let turn = 0; turn < 4; turn++) outcomes.push((await ends.next()).outcome);
    assert.deepEqual(outcomes, ["done", "dead", "done", "done"]);
    const left = await rows(database);
    assert.equal(left.length, 1);
    assert.notEqual(left[0]?.state, "dead");
  });

  test("jobs of kinds without a handler stay for others", async () => {
    await using database = await openTestDatabase();
    const ends = new Ends();
    await using runner = newRunner(
      database,
      ends,
      handler(async () => {}),
    );
    runner.start();
    await database.transaction((trx) => addJob(trx, { kind: "other", key: "x", payload: 1 }));
    await add(database, "one");
    assert.equal((await ends.next()).key, "one");
    assert.deepEqual(await rows(database), [{ key: "x", state: "ready", last_error: null }]);
  });

  /** Claims everything as a process would that dies before it can tell the end. */
  async function dieWith(database: Database, times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      await database.transaction(async (trx) => {
        const now = Date.now() + 4_000_000;
        const claim = { dialect, kinds: ["kind"], limit: 9, except: [], owner: "dead", now };
        const claimed = await claimJobs(trx, { ...claim, leaseUntil: 5 });
        assert.equal(claimed.length, 1);
      });
    }
  }
});

type Payload = { readonly key: string };

function handler(
  work: (payload: Payload, context: JobContext) => Promise<void>,
  options: { maxAttempts?: number; backOff?: () => number } = {},
): JobHandler {
  const payload = z.object({ key: z.string() });
  return jobHandler({ kind: "kind", payload, run: work, ...options });
}

function newRunner(
  database: Database,
  ends: Ends,
  work: JobHandler,
  options: Partial<JobRunnerOptions> = {},
): JobRunner {
  const onError = (error: unknown) => ends.fail(error);
  return new JobRunner({
    database,
    handlers: [work],
    pollTime: 3_600_000,
    onEnd: ends.add,
    onError,
    ...options,
  });
}

async function add(database: Database, key: string, runAt?: number): Promise<void> {
  const job = { kind: "kind", key, payload: { key } };
  await database.transaction((trx) =>
    addJob(trx, { ...job, ...(runAt === undefined ? {} : { runAt }) }),
  );
}

async function rows(database: Database) {
  return database.read
    .selectFrom("jobs")
    .select(["key", "state", "last_error"])
    .orderBy("key")
    .execute();
}

/** The ends of jobs, one after the other. */
class Ends {
  readonly #ends: JobEnd[] = [];
  #waiting = Promise.withResolvers<void>();

  readonly add = (end: JobEnd): void => {
    this.#ends.push(end);
    this.#waiting.resolve();
  };

  fail(error: unknown): void {
    this.#waiting.reject(error);
  }

  async next(): Promise<Omit<JobEnd, "milliseconds" | "error">> {
    let end = this.#ends.shift();
    while (end === undefined) {
      await this.#waiting.promise;
      this.#waiting = Promise.withResolvers();
      end = this.#ends.shift();
    }
    const { kind, key, outcome, attempt } = end;
    return { kind, key, outcome, attempt };
  }
}

/** A place where work stops until it is opened. */
class Gate {
  readonly #open = Promise.withResolvers<void>();
  readonly #reached = Promise.withResolvers<void>();
  readonly reached = this.#reached.promise;

  async pass(): Promise<void> {
    this.#reached.resolve();
    await this.#open.promise;
  }

  open(): void {
    this.#open.resolve();
  }
}
