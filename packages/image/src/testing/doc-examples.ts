import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** An example of a doc comment. */
export interface DocExample {
  /** File below the source folder, and what it exports there, for example `spool.ts: Spool`. */
  readonly title: string;
  /** Name of the exported thing. */
  readonly subject: string;
  readonly code: string;
}

/** For tests: collects the `@example` blocks of all doc comments below a folder. */
export async function findDocExamples(folder: string): Promise<DocExample[]> {
  const examples: DocExample[] = [];
  for (const path of (await Array.fromAsync(glob("**/*.ts", { cwd: folder }))).toSorted()) {
    if (path.startsWith("testing/") || path.endsWith(".test.ts")) continue;
    examples.push(...examplesIn(path, await readFile(join(folder, path), "utf8")));
  }
  return examples;
}

function examplesIn(path: string, source: string): DocExample[] {
  const comments = source.matchAll(/\/\*\*(?<text>.*?)\*\/\s*(?<next>[^\n]*)/gs);
  return [...comments].flatMap(({ groups: { text = "", next = "" } = {} }) => {
    const lines = text.split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
    const start = lines.indexOf("@example");
    if (start < 0) return [];
    const rest = lines.slice(start + 1);
    const end = rest.findIndex((line) => line.startsWith("@"));
    const subject = /(?:function\*?|class|const|interface) (\w+)/.exec(next)?.[1] ?? next;
    const code = rest
      .slice(0, end < 0 ? undefined : end)
      .join("\n")
      .trim();
    return [{ title: `${path}: ${subject}`, subject, code }];
  });
}

/**
 * Makes a module of an example: what the library exports is in scope, and `expression; // => value` becomes a check.
 *
 * @param library URL of the module that exports the library
 * @param names what it exports
 */
export function exampleModule(code: string, library: string, names: readonly string[]): string {
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  let checks = 0;
  const lines = code.split("\n").map((line) => {
    const match = /^(?<expression>.*\S); \/\/ => (?<value>.*)$/.exec(line);
    if (match === null) return line;
    checks++;
    return `same(${match.groups?.["expression"]}, ${match.groups?.["value"]});`;
  });
  if (checks === 0) throw new Error("the example shows no value");
  return [
    `import { deepStrictEqual as same } from "node:assert/strict";`,
    `import { ${used.join(", ")} } from ${JSON.stringify(library)};`,
    ...lines,
  ].join("\n");
}
