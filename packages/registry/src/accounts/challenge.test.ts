import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Challenges, scopeFor } from "./challenge.ts";
import { callerWith } from "./testing/test-accounts.ts";

suite("challenges", () => {
  const origin = "http://Registry.test:5000";

  test("name the token service under which the client reached us", () => {
    const challenges = new Challenges(undefined);
    const caller = callerWith(undefined, { origin });
    assert.equal(
      challenges.value(caller),
      'Bearer realm="http://Registry.test:5000/v2/auth",service="registry.test:5000"',
    );
    assert.equal(
      challenges.value(caller, { scope: scopeFor("push", "team/app"), error: "invalid_token" }),
      'Bearer realm="http://Registry.test:5000/v2/auth",service="registry.test:5000",scope="repository:team/app:pull,push",error="invalid_token"',
    );
  });

  test("name the configured one", () => {
    const challenges = new Challenges("https://images.example.com");
    assert.equal(
      challenges.value(callerWith(undefined, { origin })),
      'Bearer realm="https://images.example.com/v2/auth",service="images.example.com"',
    );
  });

  test("are Basic outside the distribution API", () => {
    const challenges = new Challenges(undefined);
    for (const path of ["/c1/squash/team/app/latest", "/v2/auth", "/v1/search"]) {
      assert.equal(
        challenges.value(callerWith(undefined, { origin, path })),
        'Basic realm="registry.test:5000",charset="UTF-8"',
      );
    }
  });

  test("cannot be split by what a client sends", () => {
    const challenges = new Challenges(undefined);
    const hostile = callerWith(undefined, { origin: 'http://a"b\\c\r\nX-Evil: 1' });
    const value = challenges.value(hostile, { scope: 'x",realm="https://evil.test\r\n' });
    assert.equal(
      value,
      'Bearer realm="http://abcX-Evil: 1/v2/auth",service="abcx-evil: 1",scope="x,realm=https://evil.test"',
    );
  });
});
