import assert from "node:assert/strict";
import { test } from "node:test";

import { OPTION_KEYS, OPTIONS } from "./options.ts";
import { variableOf } from "./option.ts";
import type { Option } from "./option.ts";

test("every default passes its own check", () => {
  for (const key of OPTION_KEYS) {
    const option: Option = OPTIONS[key];
    const result = option.schema.safeParse(option.default);
    assert.ok(result.success, key);
  }
});

test("no two keys share a variable, not even with the _FILE of a secret", () => {
  const names = OPTION_KEYS.flatMap((key) => [
    variableOf(key),
    ...(OPTIONS[key].secret ? [`${variableOf(key)}_FILE`] : []),
  ]);
  assert.equal(new Set(names).size, names.length);
});

test("whatever opens something is a secret", () => {
  for (const key of OPTION_KEYS) {
    if (/password|secret|accessKey|database\.url|mail\.url/i.test(key))
      assert.ok(OPTIONS[key].secret, key);
  }
});

test("addresses, URLs and names from a stranger are refused", () => {
  for (const [key, values] of [
    ["server.address", ["", "a b", "http://x", "[::1]", "x/y"]],
    ["server.url", ["x", "ftp://h", "https://h/p", "https://h?q", "https://u:p@h", "https://"]],
    ["database.url", ["x", "mysql://h/d", "postgres", "http://h"]],
    ["storage.s3.bucket", ["", "ab", "-ab", "a/b", "a b", "../x"]],
    ["storage.s3.prefix", ["/a", "a//b", "a b", "ä"]],
    ["server.trustedProxies", ["x", "1.2.3.4/33", "::1/129", "1.2.3.4/", "1.2.3.4/1/2", "1.2.3"]],
    ["accounts.adminName", ["", "A", "a", "a b", "-a", "a..b", "a+b", "a".repeat(256)]],
    ["accounts.adminPassword", ["", "short", "tab\there", "x".repeat(1025)]],
    ["data", ["", "a\0b"]],
    ["mail.url", ["x", "http://h", "smtp://", "smtp://h/path", "smtp://h?x", "smtp://%zz@h"]],
    ["mail.from", ["x", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b>", "A <a@b> <c@d>", "a b@c"]],
    ["collection.tagExpirationChoices", ["soon", "1d, x", "1"]],
  ] as const) {
    for (const value of values) {
      assert.ok(!OPTIONS[key].schema.safeParse(value).success, `${key}: ${value}`);
    }
  }
});

test("lists come from YAML lists and from text with commas", () => {
  const { schema } = OPTIONS["server.trustedProxies"];
  assert.deepEqual(schema.parse(["10.0.0.0/8", "::1"]), ["10.0.0.0/8", "::1"]);
  assert.deepEqual(schema.parse(" 10.0.0.0/8, ::1 ,"), ["10.0.0.0/8", "::1"]);
});

test("times come as a list, and mail servers and senders as people write them", () => {
  const choices = OPTIONS["collection.tagExpirationChoices"].schema;
  assert.deepEqual(choices.parse("0, 1d,2w"), [0, 86_400_000, 1_209_600_000]);
  for (const url of ["smtp://h", "smtps://u:p%40ss@mail.example.com:465", "smtp://[::1]:25/"]) {
    assert.equal(OPTIONS["mail.url"].schema.parse(url), url);
  }
  for (const from of ["a@b", "Wharf <wharf@example.com>", "Bücher & Co. <a@b.example>"]) {
    assert.equal(OPTIONS["mail.from"].schema.parse(from), from);
  }
});
