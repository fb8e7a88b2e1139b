import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { groupsIn, identityIn } from "./oidc-claims.ts";
import type { Claims } from "./oidc-claims.ts";

const CONFIG = { id: "idp", usernameClaim: "preferred_username" };

suite("what a service tells of a user", () => {
  test("the name is the configured claim, else what other services call it, else the subject", () => {
    const name = (claims: Claims): string => identityIn(claims, "1", CONFIG).name;
    assert.equal(name({ preferred_username: "alice", email: "x@y" }), "alice");
    assert.equal(name({ preferred_username: "", upn: "alice@corp" }), "alice@corp");
    assert.equal(name({ preferred_username: 7, email: "al@y" }), "al@y");
    assert.equal(name({}), "1");
    assert.equal(identityIn({ nick: "al" }, "1", { ...CONFIG, usernameClaim: "nick" }).name, "al");
    assert.equal(name({ preferred_username: "a\0b\ud800" }), "ab");
  });

  test("only an address that the service has checked counts", () => {
    const email = (claims: Claims): string | undefined => identityIn(claims, "1", CONFIG).email;
    assert.equal(email({ email: "a@b", email_verified: true }), "a@b");
    assert.equal(email({ email: "a@b", email_verified: false }), undefined);
    assert.equal(email({ email: "a@b" }), undefined);
    assert.equal(email({ email: "a b@c", email_verified: true }), undefined);
    assert.equal(email({ email: ["a@b"], email_verified: true }), undefined);
  });

  test("groups are a list, one text, or below a path; what is missing is not an empty list", () => {
    assert.deepEqual(groupsIn({ groups: ["a", 7, "b\0", "c"] }, "groups"), ["a", "c"]);
    assert.deepEqual(groupsIn({ groups: "a" }, "groups"), ["a"]);
    assert.deepEqual(groupsIn({ groups: [] }, "groups"), []);
    assert.deepEqual(groupsIn({ realm_access: { roles: ["r"] } }, "realm_access.roles"), ["r"]);
    assert.deepEqual(groupsIn({ "https://x.y/g": ["r"] }, "https://x.y/g"), ["r"]);
    assert.equal(groupsIn({}, "groups"), undefined);
    assert.equal(groupsIn({ groups: { a: 1 } }, "groups"), undefined);
    assert.equal(groupsIn({}, "constructor.name"), undefined);
  });
});
