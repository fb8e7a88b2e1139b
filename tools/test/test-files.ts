import { glob } from "node:fs/promises";
import { join } from "node:path";

/** Absolute paths of test files, sorted. */
export interface TestFiles {
  readonly unit: readonly string[];
  readonly endToEnd: readonly string[];
}

/**
 * Finds every `*.test.ts` of the project.
 *
 * @param root the root of the repository
 * @param words when there are any, a file's path below the root has to contain one of them
 */
export async function findTestFiles(root: string, words: readonly string[]): Promise<TestFiles> {
  const found = await Array.fromAsync(
    glob("{packages,tools,bench,e2e}/**/*.test.{ts,tsx}", {
      cwd: root,
      exclude: (path) => path.includes("node_modules"),
    }),
  );
  const wanted = found
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .toSorted();
  const absolute = (paths: string[]): string[] => paths.map((path) => join(root, path));
  return {
    unit: absolute(wanted.filter((path) => !path.startsWith("e2e/"))),
    endToEnd: absolute(wanted.filter((path) => path.startsWith("e2e/"))),
  };
}
