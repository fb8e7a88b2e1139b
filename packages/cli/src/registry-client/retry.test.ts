import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { TransportError } from "../transports/transport-error.ts";
import { retryAfter, TemporaryFailure, withRetries } from "./retry.ts";

const POLICY = { attempts: 3, firstDelay: 0, longestDelay: 1000 };

suite("something that is tried again", () => {
  test("succeeds in the end", async () => {
    let tries = 0;
    const result = await withRetries(POLICY, undefined, async () => {
      if (++tries < 3) throw new TransportError("interrupted", "broke");
      return tries;
    });
    assert.equal(result, 3);
  });

  test("fails with its own error when the tries are used up", async () => {
    let tries = 0;
    const final = new TransportError("refused", "busy");
    const failing = withRetries(POLICY, undefined, async () => {
      tries++;
      throw new TemporaryFailure(final, 0);
    });
    await assert.rejects(failing, final);
    assert.equal(tries, 3);
  });

  test("is not tried again when that is no use", async () => {
    let tries = 0;
    const failing = withRetries(POLICY, undefined, async () => {
      tries++;
      throw new TransportError("denied", "no");
    });
    await assert.rejects(failing, { code: "denied" });
    assert.equal(tries, 1);
  });

  test("does not wait longer than the policy allows, whatever the server asks", async () => {
    const final = new TransportError("refused", "busy");
    const failing = withRetries(POLICY, undefined, () =>
      Promise.reject(new TemporaryFailure(final, 3_600_000)),
    );
    await assert.rejects(failing, final);
  });

  test("ends its waiting when it is aborted", { timeout: 5000 }, async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const failing = withRetries({ ...POLICY, longestDelay: 1e9 }, controller.signal, async () => {
      queueMicrotask(() => controller.abort(reason));
      throw new TemporaryFailure(new Error("busy"), 1e8);
    });
    await assert.rejects(failing, reason);
  });
});

test("Retry-After is a number of seconds or a date", () => {
  assert.equal(retryAfter("7"), 7000);
  assert.equal(retryAfter("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  const soon = retryAfter(new Date(Date.now() + 60_000).toUTCString()) ?? 0;
  assert.ok(soon > 50_000 && soon <= 60_000, `${soon}`);
  assert.equal(retryAfter("soon"), undefined);
  assert.equal(retryAfter(undefined), undefined);
});
