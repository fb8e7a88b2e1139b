import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { RegistryError } from "../http/registry-error.ts";
import { formatScopes, parseScopes } from "./token-scope.ts";
import type { TokenAction } from "./principal.ts";

suite("scopes", () => {
  for (const [texts, expected] of [
    [[], {}],
    [[""], {}],
    [["repository:team/app:pull"], { "team/app": ["pull"] }],
    [["repository:team/app:push,pull"], { "team/app": ["push", "pull"] }],
    [["repository:team/app:*"], { "team/app": ["pull", "push", "delete"] }],
    [["repository:team/app:delete"], { "team/app": ["delete"] }],
    [["repository:team/app:"], { "team/app": [] }],
    [["repository:team/app:fly,pull"], { "team/app": ["pull"] }],
    [["repository:ubuntu:pull"], { ubuntu: ["pull"] }],
    [["repository(plugin):team/app:pull"], { "team/app": ["pull"] }],
    [["repository:Registry.test:5000/team/app:pull"], { "Registry.test:5000/team/app": ["pull"] }],
    [
      ["repository:a/b:pull repository:c/d:push", "repository:a/b:push"],
      { "a/b": ["pull", "push"], "c/d": ["push"] },
    ],
    [["other:thing/UPPER:do"], {}],
  ] as const) {
    test(`of ${JSON.stringify(texts)}`, () => {
      const { repositories, catalog } = parseScopes(texts);
      const found = Object.fromEntries(
        Array.from(repositories, ([name, actions]) => [name, [...actions]]),
      );
      assert.deepEqual(found, expected);
      assert.equal(catalog, false);
    });
  }

  test("for the catalog", () => {
    assert.equal(parseScopes(["registry:catalog:*"]).catalog, true);
    assert.equal(parseScopes(["registry:catalog:search"]).catalog, true);
    assert.equal(parseScopes(["registry:catalog:pull"]).catalog, false);
    assert.equal(parseScopes(["registry:other:*"]).catalog, false);
  });

  for (const scope of [
    "repository",
    "repository:team/app",
    ":team/app:pull",
    "repository::pull",
    "repository:team/app:PULL",
    "repository:team/app:pull;push",
    "repository:team//app:pull",
    "repository:/team/app:pull",
    "repository:team/App:pull",
    "repository:../etc/passwd:pull",
    "repository:team/app\0:pull",
    "repository:team/ä:pull",
    `repository:${"a/".repeat(1000)}a:pull`,
  ]) {
    test(`malformed ${JSON.stringify(scope.slice(0, 60))} is named`, () => {
      assert.throws(
        () => parseScopes(["repository:team/app:pull", scope]),
        (error) =>
          error instanceof RegistryError &&
          error.status === 400 &&
          JSON.stringify(error.detail).includes(JSON.stringify(scope.slice(0, 255)).slice(1, -1)),
      );
    });
  }

  test("are refused when there are too many", () => {
    const scopes = Array.from({ length: 101 }, (_, i) => `repository:team/app${i}:pull`);
    assert.throws(() => parseScopes([scopes.join(" ")]), { code: "PARAMETER_INVALID" });
  });

  test("are the same after they were written and read", () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
    const name = fc.array(component, { minLength: 1, maxLength: 4 }).map((all) => all.join("/"));
    const actions = fc.uniqueArray(fc.constantFrom<TokenAction>("pull", "push", "delete"), {
      minLength: 1,
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, actions), { maxLength: 20 }),
        fc.boolean(),
        (entries, catalog) => {
          const access = new Map(entries.map(([key, list]) => [key, new Set(list)]));
          const read = parseScopes([formatScopes({ access, catalog })]);
          assert.deepEqual(read, { repositories: access, catalog });
        },
      ),
    );
  });

  test("of any text are parsed or refused with 400, in no time", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "repository",
        "registry",
        ":",
        "/",
        ",",
        "pull",
        "*",
        "(",
        ")",
        "-",
        "_",
        " ",
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseScopes([pieces.join("")]);
        } catch (error) {
          assert(error instanceof RegistryError && error.status === 400);
        }
      }),
    );
    const slow = `repository:${"a-".repeat(400)}!:pull`;
    const start = performance.now();
    for (let i = 0; i < 100; i += 1) assert.throws(() => parseScopes([slow]));
    assert(performance.now() - start < 1000);
  });
});
