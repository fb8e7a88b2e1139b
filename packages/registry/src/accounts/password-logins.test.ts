import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { everyDatabase, openTestSqlite } from "../database/testing/every-database.ts";
import type { Database } from "../database/database.ts";
import { RegistryError } from "../http/registry-error.ts";
import { setPassword } from "./admin/users.ts";
import { OPERATOR } from "./admin/actor.ts";
import { FailureThrottle } from "./failure-throttle.ts";
import { PasswordHashes } from "./password-hashes.ts";
import { PasswordLogins } from "./password-logins.ts";
import { addUser, PASSWORD, testAccounts } from "./testing/test-accounts.ts";

/** The real ones, counted. */
class CountedHashes extends PasswordHashes {
  count = 0;

  override async verify(hash: string | undefined, password: string): Promise<boolean> {
    this.count += 1;
    return super.verify(hash, password);
  }
}

async function setUp(database: Database, failuresPerMinute = 3, waiting?: number) {
  const all = testAccounts(database);
  await addUser(all, "alice");
  const hashes = new CountedHashes(waiting);
  const { clock } = all;
  const throttle = new FailureThrottle(failuresPerMinute);
  const logins = new PasswordLogins({ database, hashes, throttle, now: () => clock.now });
  return { ...all, hashes, logins };
}

suite("passwords", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("a good password is hashed once a minute", async () => {
      await using database = await openTestDatabase();
      const { clock, hashes, logins } = await setUp(database);
      for (let i = 0; i < 10; i += 1) {
        assert(await logins.check("alice", PASSWORD, "192.0.2.1"));
        clock.now += 5_999;
      }
      assert.equal(hashes.count, 1);
      clock.now += 10;
      assert(await logins.check("alice", PASSWORD, "192.0.2.1"));
      assert.equal(hashes.count, 2);
    });

    test("checks of the same credentials at the same time share one hash", async () => {
      await using database = await openTestDatabase();
      const { hashes, logins } = await setUp(database);
      const checks = Array.from({ length: 200 }, () =>
        logins.check("alice", PASSWORD, "192.0.2.1"),
      );
      assert((await Promise.all(checks)).every((login) => login !== undefined));
      assert.equal(hashes.count, 1);
    });

    test("after a change the old password is hashed anew, and wrong", async () => {
      await using database = await openTestDatabase();
      const { administration, hashes, logins } = await setUp(database);
      assert(await logins.check("alice", PASSWORD, "192.0.2.1"));
      await setPassword(administration, OPERATOR, "alice", "another one");
      assert.equal(await logins.check("alice", PASSWORD, "192.0.2.1"), undefined);
      assert.equal(hashes.count, 2);
    });
  });

  test("an unknown user costs a hash as well", async () => {
    await using database = await openTestSqlite();
    const { hashes, logins } = await setUp(database);
    assert.equal(await logins.check("nobody", PASSWORD, "192.0.2.1"), undefined);
    assert.equal(await logins.check("not a name", PASSWORD, "192.0.2.1"), undefined);
    assert.equal(hashes.count, 2);
  });

  test("guesses at an account are throttled from wherever they come", async () => {
    await using database = await openTestSqlite();
    const { clock, hashes, logins } = await setUp(database);
    for (let i = 0; i < 3; i += 1) {
      assert.equal(await logins.check("alice", `wrong ${i}`, `192.0.2.${i}`), undefined);
    }
    await assert.rejects(logins.check("alice", "wrong", "192.0.2.9"), {
      code: "TOOMANYREQUESTS",
      headers: { "Retry-After": "20" },
    });
    // Nobody can tell a right password either, nor whether there is such an account.
    await assert.rejects(logins.check("alice", PASSWORD, "192.0.2.9"), { status: 429 });
    assert.equal(hashes.count, 3);
    clock.now += 20_000;
    assert(await logins.check("alice", PASSWORD, "192.0.2.9"));
    assert.equal(await logins.check("alice", "wrong", "192.0.2.9"), undefined);
    await assert.rejects(logins.check("alice", "wrong", "192.0.2.9"), { status: 429 });
  });

  test("guesses from an address are throttled, whichever account they are at", async () => {
    await using database = await openTestSqlite();
    const { logins } = await setUp(database);
    for (const name of ["one", "two", "three"]) {
      assert.equal(await logins.check(name, "wrong", "2001:db8:1:2::1"), undefined);
    }
    // The same network.
    await assert.rejects(logins.check("four", "wrong", "2001:db8:1:2:3::1"), { status: 429 });
    assert.equal(await logins.check("four", "wrong", "2001:db8:1:3::1"), undefined);
  });

  test("guesses at the same time do not slip through", async () => {
    await using database = await openTestSqlite();
    const { hashes, logins } = await setUp(database);
    const guesses = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => logins.check("alice", `wrong ${i}`, `192.0.2.${i}`)),
    );
    assert.equal(guesses.filter(({ status }) => status === "fulfilled").length, 3);
    assert.equal(hashes.count, 3);
  });

  test("an attacker cannot lock out who is logged in, not even after the minute", async () => {
    await using database = await openTestSqlite();
    const { clock, logins } = await setUp(database);
    assert(await logins.check("alice", PASSWORD, "192.0.2.1"));
    for (let minute = 0; minute < 3; minute += 1) {
      for (let i = 0; i < 3; i += 1) {
        await logins.check("alice", `wrong ${i}`, "192.0.2.1").catch(() => {});
      }
      await assert.rejects(logins.check("alice", "wrong", "192.0.2.1"), { status: 429 });
      assert(await logins.check("alice", PASSWORD, "192.0.2.1"));
      clock.now += 60_001;
    }
  });

  test("when too many wait, the rest is told to come again, and it is no failure", async () => {
    await using database = await openTestSqlite();
    const { logins } = await setUp(database, 1000, 1);
    const guesses = await Promise.allSettled(
      Array.from({ length: 9 }, (_, i) => logins.check("alice", `wrong ${i}`, "192.0.2.1")),
    );
    const refused = guesses.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 9 - 3);
    for (const guess of refused) {
      assert(guess.status === "rejected" && guess.reason instanceof RegistryError);
      assert.equal(guess.reason.status, 503);
      assert.deepEqual(guess.reason.headers, { "Retry-After": "2" });
    }
    assert(await logins.check("alice", PASSWORD, "192.0.2.1"));
  });
});
