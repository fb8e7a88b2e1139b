import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ATTEMPT_LIFE, beginAttempt, resumeAttempt } from "./login-attempt.ts";
import type { LoginAttempt } from "./login-attempt.ts";

const ATTEMPT: LoginAttempt = {
  service: "idp",
  kind: "login",
  accountId: null,
  returnTo: "/repository/team/app",
  startedAt: 1_000_000,
};

suite("attempts to sign in elsewhere", () => {
  test("the browser that has begun can finish, for ten minutes", () => {
    const { cookie, state, nonce, verifier } = beginAttempt(ATTEMPT);
    const expected = { service: "idp", kind: "login", state } as const;
    const resumed = resumeAttempt(cookie, expected, ATTEMPT.startedAt + ATTEMPT_LIFE);
    assert.deepEqual(resumed, { ...ATTEMPT, state, nonce, verifier });
    assert.equal(resumeAttempt(cookie, expected, ATTEMPT.startedAt + ATTEMPT_LIFE + 1), undefined);
    assert.equal(resumeAttempt(cookie, expected, ATTEMPT.startedAt - 1), undefined);
    // RFC 7636, 4.1: 43 to 128 characters.
    assert.match(verifier, /^[\w-]{43}$/);
    assert.equal(new Set([state, nonce, verifier]).size, 3);
    assert.notEqual(beginAttempt(ATTEMPT).state, state);
  });

  test("nothing of it is good for another state, service, kind, account or page", () => {
    const { cookie, state } = beginAttempt(ATTEMPT);
    const now = ATTEMPT.startedAt;
    const expected = { service: "idp", kind: "login", state } as const;
    assert.equal(resumeAttempt(cookie, { ...expected, state: `${state}x` }, now), undefined);
    assert.equal(resumeAttempt(cookie, { ...expected, state: "" }, now), undefined);
    assert.equal(resumeAttempt(cookie, { ...expected, service: "other" }, now), undefined);
    assert.equal(resumeAttempt(cookie, { ...expected, kind: "attach" }, now), undefined);
    const changed = (place: number, value: unknown): string => {
      const parts: unknown[] = JSON.parse(Buffer.from(cookie, "base64url").toString());
      return Buffer.from(JSON.stringify(parts.with(place, value))).toString("base64url");
    };
    const resume = (text: string): unknown => resumeAttempt(text, expected, now);
    assert.notEqual(resume(changed(5, now)), undefined);
    assert.equal(resume(changed(3, 7)), undefined);
    assert.equal(resume(changed(4, "/other")), undefined);
    assert.equal(resume(changed(4, "//evil.example.com")), undefined);
    assert.equal(resume(changed(5, now - 1)), undefined);
    assert.equal(resume(beginAttempt(ATTEMPT).cookie), undefined);
  });

  test("whatever else stands in the cookie is none", () => {
    const expected = { service: "idp", kind: "login", state: "x" } as const;
    for (const text of ["", "x", "W10", Buffer.from("[1]").toString("base64url"), "\u{1f600}"]) {
      assert.equal(resumeAttempt(text, expected, 0), undefined, text);
    }
  });
});
