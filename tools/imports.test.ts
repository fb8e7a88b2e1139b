import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";

import { sourceImports } from "./imports/source-imports.ts";
import { importViolations } from "./imports/violations.ts";

test("every import of the project keeps to the rules of its room, and none go in a circle", async () => {
  assert.deepEqual(await importViolations(join(import.meta.dirname, "..")), []);
});

suite("a tree with violations", () => {
  const image = {
    "packages/image/package.json": `{"name":"@wharf/image","exports":{".":"./src/index.ts"}}`,
  };

  test("a room imports one that its rules do not name", async () => {
    const found = await violationsIn({
      ...image,
      "packages/cli/package.json": `{"name":"@wharf/cli"}`,
      "packages/image/src/index.ts": `import { run } from "@wharf/cli";`,
      "packages/cli/src/fine.ts": `import { squash } from "@wharf/image";`,
      "e2e/wrong.ts": `\n\nimport type { Digest } from "@wharf/image";`,
      "tools/wrong.ts": `export * from "@wharf/image/deep";`,
      "bench/fine.ts": `const { squash } = await import("@wharf/image");`,
    });
    assert.deepEqual(found, [
      "e2e/wrong.ts:3: e2e must not import packages/image",
      "packages/image/src/index.ts:1: packages/image must not import packages/cli",
      "tools/wrong.ts:1: tools must not import packages/image",
    ]);
  });

  test("the image library touches the network", async () => {
    const found = await violationsIn({
      ...image,
      "packages/image/src/a.ts": `import http from "node:http";\nimport { connect } from "tls";`,
      "packages/image/src/b.ts": `await fetch(url);\nconst { body } = source.fetch(range);\nglobalThis.fetch(url);`,
      "packages/image/src/c.ts": `process.getBuiltinModule("node:net");`,
      "packages/registry/src/fine.ts": `import http from "node:http"; await fetch(url);`,
    });
    assert.deepEqual(found, [
      "packages/image/src/a.ts:1: packages/image must not import node:http",
      "packages/image/src/a.ts:2: packages/image must not import tls",
      "packages/image/src/b.ts:1: packages/image must not use fetch",
      "packages/image/src/b.ts:3: packages/image must not use fetch",
      "packages/image/src/c.ts:1: packages/image must not import node:net",
    ]);
  });

  test("a file reaches into another room by path, even one that it may import", async () => {
    const found = await violationsIn({
      ...image,
      "packages/cli/src/main.ts": `import { parse } from "../../image/src/parse.ts";`,
      "packages/image/src/parse.ts": `import "../test/fine.ts";`,
      "packages/image/test/fine.ts": ``,
    });
    assert.deepEqual(found, [
      "packages/cli/src/main.ts:1: ../../image/src/parse.ts reaches out of packages/cli by path",
    ]);
  });

  test("the console takes more than types", async () => {
    const found = await violationsIn({
      "packages/contract/package.json": `{"name":"@wharf/contract"}`,
      "packages/console/src/fine.tsx": `import type { Tag } from "@wharf/contract";`,
      "packages/console/src/wrong.tsx": `import { type Tag } from "@wharf/contract";`,
    });
    assert.deepEqual(found, [
      "packages/console/src/wrong.tsx:1: packages/console may import only types of packages/contract",
    ]);
  });

  test("a package that nobody gave rules, and an import that nobody can read", async () => {
    const found = await violationsIn({
      "packages/extra/src/a.ts": `import "node:fs";`,
      "tools/b.ts": "await import(`./${name}.ts`);",
    });
    assert.deepEqual(found, [
      "packages/extra/src/a.ts:1: packages/extra has no entry in tools/imports/rooms.ts",
      "tools/b.ts:1: an import whose target is computed cannot be checked",
    ]);
  });

  test("files import each other in a circle; types do not count", async () => {
    const found = await violationsIn({
      ...image,
      "packages/image/src/index.ts": `export { a } from "./a.ts";`,
      "packages/image/src/a.ts": `import { b } from "./b.ts";`,
      "packages/image/src/b.ts": `const { c } = await import("./c.ts");`,
      "packages/image/src/c.ts": `import { a } from "@wharf/image";`,
      "packages/image/src/d.ts": `import { e } from "./e.ts";`,
      "packages/image/src/e.ts": `import type { d } from "./d.ts";`,
      "packages/image/src/self.ts": `import * as self from "./self.ts";`,
    });
    assert.deepEqual(found, [
      "packages/image/src/a.ts:1: import cycle packages/image/src/a.ts -> packages/image/src/b.ts -> packages/image/src/c.ts -> packages/image/src/index.ts -> packages/image/src/a.ts",
      "packages/image/src/self.ts:1: import cycle packages/image/src/self.ts -> packages/image/src/self.ts",
    ]);
  });
});

suite("finding the imports of a source text", () => {
  const cases: [name: string, source: string, expected: (string | undefined)[]][] = [
    [
      "all forms",
      `import a from "1"; import * as b from '2'; import { c as d, e } from "3"; import "4"; import f, { g } from "5"`,
      ["1", "2", "3", "4", "5"],
    ],
    [
      "re-exports",
      `export * from "1"; export * as a from "2"; export { b, default as c } from "3";`,
      ["1", "2", "3"],
    ],
    [
      "over several lines, with comments between",
      `import {\n  a, // from "no"\n  b,\n} /* x */ from "1";`,
      ["1"],
    ],
    [
      "dynamic",
      `await import("1"); import('2', { with: { type: "json" } }); import(\`3\`); import(name)`,
      ["1", "2", "3", undefined],
    ],
    [
      "words that only look like it",
      `import.meta.url; x.import("no"); export const from = "no"; export { a }; ({ import: "no" })`,
      [],
    ],
    ["comments", `// import "no"\n/* import "no" */ import "1" /* "no" */`, ["1"]],
    [
      "strings and templates",
      'const a = \'import "no"\', b = `import "no" ${`${await import("1")} import "no"`} import "no"`; import \'2\'',
      ["1", "2"],
    ],
    [
      "regular expressions",
      `const a = /["'\`/]import "no"/.test(b) / c; const d = x / y; import "1"; /* / */ e = 4 / 2; import "2"`,
      ["1", "2"],
    ],
    ["apostrophes in JSX text", `<p>don't</p>;\nimport "1";`, ["1"]],
    ["a hashbang", `#!/usr/bin/env node 'x\nimport "1"`, ["1"]],
    ["require", `require("1"); require(name); register.require("2")`, ["1", "2"]],
  ];
  for (const [name, source, expected] of cases) {
    test(name, () =>
      assert.deepEqual(
        sourceImports(source).map(({ specifier }) => specifier),
        expected,
      ),
    );
  }

  test("only a clause that is erased counts as types", () => {
    const typeOnly = (source: string): boolean[] =>
      sourceImports(source).map((found) => found.typeOnly);
    assert.deepEqual(
      typeOnly(`import type { A } from "1"; export type * from "2"; export type { B } from "3"`),
      [true, true, true],
    );
    assert.deepEqual(
      typeOnly(`import type * as C from "1"; import type D from "2"; let e: typeof import("3")`),
      [true, true, true],
    );
    assert.deepEqual(
      typeOnly(`import { type A } from "1"; import type from "2"; import type, { a } from "3"`),
      [false, false, false],
    );
  });

  test("an import knows its line", () => {
    assert.deepEqual(
      sourceImports("/* a\n b */\nconst x = `\n`;\nimport {\n  y,\n} from 'z';").map(
        ({ line }) => line,
      ),
      [5],
    );
  });
});

async function violationsIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-imports-"));
  for (const [path, content] of Object.entries(files)) {
    const full = join(folder.path, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, content);
  }
  return await importViolations(folder.path);
}
