import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { addressGroup, FailureThrottle } from "./failure-throttle.ts";

suite("the throttle of failures", () => {
  test("allows so many at once, then one for each share of a minute", () => {
    const throttle = new FailureThrottle(3);
    for (let i = 0; i < 3; i += 1) {
      assert.equal(throttle.wait("alice", 1000), 0);
      throttle.fail("alice", 1000);
    }
    assert.equal(throttle.wait("alice", 1000), 20_000);
    assert.equal(throttle.wait("bob", 1000), 0);
    assert.equal(throttle.wait("alice", 20_999), 1);
    assert.equal(throttle.wait("alice", 21_000), 0);
    throttle.fail("alice", 21_000);
    assert.equal(throttle.wait("alice", 21_000), 20_000);
    assert.equal(throttle.wait("alice", 200_000), 0);
  });

  test("takes back what was none", () => {
    const throttle = new FailureThrottle(1);
    throttle.fail("alice", 0);
    assert(throttle.wait("alice", 0) > 0);
    throttle.forgive("alice");
    assert.equal(throttle.wait("alice", 0), 0);
    throttle.forgive("nobody");
  });

  for (const [address, group] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
    ["", ""],
  ] as const) {
    test(`counts ${address} as ${group}`, () => assert.equal(addressGroup(address), group));
  }
});
