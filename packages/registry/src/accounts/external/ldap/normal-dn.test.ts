import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { normalDn } from "./normal-dn.ts";

suite("distinguished names", () => {
  test("spaces, case and escapes make no difference", () => {
    for (const [one, other] of [
      ["CN=Alice Smith, OU=People,DC=example,DC=com", "cn=alice smith,ou=people,dc=example,dc=com"],
      ["cn=Smith\\, Alice,dc=x", "CN=Smith\\2C Alice,dc=x"],
      ["cn=L\\C3\\BCd,dc=x", "cn=lüd,dc=x"],
      ["uid=a+cn=b,dc=x", "CN=b + UID=a,dc=x"],
      ["cn=a\\ ,dc=x", "cn=a\\20,dc=x"],
      ["cn=a  b,dc=x", "cn=a b,dc=x"],
      ["cn=\\#1,dc=x", "cn=\\231,dc=x"],
    ] as const) {
      assert.equal(normalDn(one), normalDn(other));
    }
  });

  test("others are others", () => {
    const names = [
      "cn=a,dc=x",
      "cn=b,dc=x",
      "cn=a\\,dc\\=x",
      "cn=a+dc=x",
      "ou=a,dc=x",
      "cn=a\\\\,dc=x",
    ];
    assert.equal(new Set(names.map(normalDn)).size, names.length);
  });

  test("any text has one normal form, which is its own", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const normal = normalDn(text);
        assert.equal(typeof normal, "string");
      }),
    );
  });
});
