import assert from "node:assert/strict";
import { suite, test } from "node:test";

import fc from "fast-check";

import { parseChallenges } from "./challenge.ts";

suite("the value of WWW-Authenticate", () => {
  const values: readonly [string, [string, Record<string, string>][]][] = [
    ["Basic", [["basic", {}]]],
    ['Basic realm="a b"', [["basic", { realm: "a b" }]]],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        [
          "bearer",
          {
            realm: "https://auth.docker.io/token",
            service: "registry.docker.io",
            scope: "repository:a/b:pull,push",
          },
        ],
      ],
    ],
    [
      'Basic realm="x", Bearer realm="y",service=z',
      [
        ["basic", { realm: "x" }],
        ["bearer", { realm: "y", service: "z" }],
      ],
    ],
    [
      'Negotiate, NTLM, Basic realm="x"',
      [
        ["negotiate", {}],
        ["ntlm", {}],
        ["basic", { realm: "x" }],
      ],
    ],
    [
      "Negotiate YWJj==",
      [
        ["negotiate", {}],
        ["ywjj==", {}],
      ],
    ],
    ['BEARER Realm = "x" , Service="y"', [["bearer", { realm: "x", service: "y" }]]],
    ['Bearer realm="a \\"quoted\\" \\\\ word"', [["bearer", { realm: 'a "quoted" \\ word' }]]],
    ['Bearer realm="first",realm="second"', [["bearer", { realm: "first" }]]],
    [
      'Bearer realm="never closed',
      [
        ["bearer", {}],
        ["realm=", {}],
      ],
    ],
    ["", []],
    [" , ,", []],
  ];
  for (const [value, challenges] of values) {
    test(JSON.stringify(value), () => {
      const found = parseChallenges([value]).map(({ scheme, parameters }) => [
        scheme,
        Object.fromEntries(parameters),
      ]);
      assert.deepEqual(found, challenges);
    });
  }

  test("several headers are several values", () => {
    assert.deepEqual(
      parseChallenges(["Basic", "Bearer realm=x"]).map(({ scheme }) => scheme),
      ["basic", "bearer"],
    );
  });

  test("reads back whatever was written by the rules", () => {
    const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,10}$/);
    const parameters = fc.uniqueArray(fc.tuple(word, fc.string({ unit: "grapheme-ascii" })), {
      selector: ([name]) => name.toLowerCase(),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, parameters), { minLength: 1, maxLength: 4 }),
        (challenges) => {
          const value = challenges
            .map(
              ([scheme, pairs]) =>
                `${scheme} ${pairs.map(([name, text]) => `${name}=${quoted(text)}`).join(", ")}`,
            )
            .join(", ");
          const found = parseChallenges([value]).map(({ scheme, parameters: map }) => [
            scheme,
            [...map],
          ]);
          const meant = challenges.map(([scheme, pairs]) => [
            scheme.toLowerCase(),
            pairs.map(([name, text]) => [name.toLowerCase(), text]),
          ]);
          assert.deepEqual(found, meant);
        },
      ),
    );
  });

  test("never takes long, whatever it is", { timeout: 10_000 }, () => {
    fc.assert(fc.property(fc.string({ maxLength: 500 }), (value) => void parseChallenges([value])));
    parseChallenges(['"'.repeat(60_000), "a=".repeat(30_000), `B x="${"\\".repeat(60_001)}`]);
  });
});

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
