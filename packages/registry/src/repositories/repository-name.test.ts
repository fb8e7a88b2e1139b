import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { RegistryError } from "../http/registry-error.ts";
import { namespaceOf, parseRepositoryName, toRepositoryName } from "./repository-name.ts";

suite("names of repositories", () => {
  for (const name of [
    "team/app",
    "team/app/worker",
    "a/b",
    "0/1",
    "my-team/app",
    "my---team/app",
    "my.team/a_b/c__d",
    `team/${"a".repeat(250)}`,
    `t/${"a/".repeat(126)}b`,
  ]) {
    test(`${name.slice(0, 40)} is one`, () => assert.equal(parseRepositoryName(name), name));
  }

  for (const [name, reason] of [
    ["", /lower-case/],
    ["app", /needs a namespace/],
    ["Team/app", /lower-case/],
    ["team/", /lower-case/],
    ["/app", /lower-case/],
    ["team//app", /lower-case/],
    ["team/../app", /lower-case/],
    ["team/.app", /lower-case/],
    ["team/app.", /lower-case/],
    ["team/a..b", /lower-case/],
    ["team/a___b", /lower-case/],
    ["team/a._b", /lower-case/],
    ["team/-app", /lower-case/],
    ["team/app\n", /lower-case/],
    ["team/app\0", /lower-case/],
    ["team/%2e%2e", /lower-case/],
    ["team/äpp", /lower-case/],
    ["team/app:latest", /lower-case/],
    [`team/${"a".repeat(251)}`, /longer than 255/],
  ] as const) {
    test(`${JSON.stringify(name.slice(0, 40))} is none`, () => {
      assert.throws(() => parseRepositoryName(name), {
        code: "NAME_INVALID",
        status: 400,
        message: reason,
      });
      assert.equal(toRepositoryName(name), undefined);
    });
  }

  test("any text is a name of the grammar or refused, quickly", () => {
    const alphabet = fc.constantFrom("a", "0", ".", "_", "-", "/", "A", "\0", "é", "__", "a/b");
    const text = fc.array(alphabet, { maxLength: 300 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (name) => {
        try {
          parseRepositoryName(name);
        } catch (error) {
          assert(error instanceof RegistryError && error.code === "NAME_INVALID");
          return;
        }
        assert(Buffer.byteLength(name) <= 255);
        for (const component of name.split("/")) {
          assert.match(component, /^[a-z0-9]/);
          assert.match(component, /[a-z0-9]$/);
          assert.doesNotMatch(component, /\.\.|___|[._]-|-[._]|\._|_\./);
        }
        assert(name.startsWith(`${namespaceOf(name)}/`));
      }),
    );
    const start = performance.now();
    for (let i = 0; i < 1000; i += 1) toRepositoryName(`${"a-_".repeat(84)}!`);
    assert(performance.now() - start < 500);
  });
});
