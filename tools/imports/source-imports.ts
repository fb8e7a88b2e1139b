import { tokens, type Token } from "./tokens.ts";

/** One place where a module refers to another. */
export interface SourceImport {
  /** Undefined when it is computed, so that nobody can tell what is imported. */
  readonly specifier: string | undefined;
  /** Erased before the program runs: `import type`, `export type`, `typeof import()`. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/**
 * Lists the imports of a source text: static ones, re-exports, `import()`, `require()` and
 * `process.getBuiltinModule()`. With `verbatimModuleSyntax` only a whole clause marked `type` is erased.
 */
export function sourceImports(source: string): SourceImport[] {
  const all = [...tokens(source)];
  const found: SourceImport[] = [];
  for (const [index, token] of all.entries()) {
    const read = token.type === "word" ? READERS.get(token.text) : undefined;
    const match = read?.(all, index);
    if (match !== undefined) found.push({ ...match, line: token.line });
  }
  return found;
}

type Found = Omit<SourceImport, "line"> | undefined;

/** By the word that begins an import; `index` is its place. */
const READERS: ReadonlyMap<string, (all: readonly Token[], index: number) => Found> = new Map([
  ["import", readImport],
  ["export", readExport],
  ["require", readCall],
  ["getBuiltinModule", readCall],
]);

function readImport(all: readonly Token[], index: number): Found {
  const before = all[index - 1];
  const next = all[index + 1];
  if (isSign(before, ".") || next === undefined) return undefined; // a property called "import"
  if (isSign(next, "("))
    return { specifier: argumentOf(all, index), typeOnly: isWord(before, "typeof") };
  if (next.type === "string") return { specifier: next.text, typeOnly: false };
  if (next.type === "sign" && next.text !== "{" && next.text !== "*") return undefined; // import.meta, a key
  return clauseOf(all, index + 1);
}

function readExport(all: readonly Token[], index: number): Found {
  if (isSign(all[index - 1], ".")) return undefined; // a property called "export"
  const afterType = all[index + (isWord(all[index + 1], "type") ? 2 : 1)];
  // Anything else after "export" is a declaration of this module.
  return isSign(afterType, "*") || isSign(afterType, "{") ? clauseOf(all, index + 1) : undefined;
}

/** Functions called so are many; only a literal argument makes it an import. */
function readCall(all: readonly Token[], index: number): Found {
  const specifier = isSign(all[index + 1], "(") ? argumentOf(all, index) : undefined;
  return specifier === undefined ? undefined : { specifier, typeOnly: false };
}

/** What stands between `import` or `export` and its specifier: words, commas, stars and one pair of braces. */
function clauseOf(all: readonly Token[], start: number): Found {
  const afterType = all[start + 1];
  // `import type from "x"` and `import type, { a } from "x"` import a default export called "type".
  const isName =
    isSign(afterType, ",") || (isWord(afterType, "from") && all[start + 2]?.type === "string");
  const typeOnly = isWord(all[start], "type") && !isName;
  let inBraces = false;
  for (let at = start; at < all.length; at++) {
    const token = all[at];
    if (token === undefined || token.text === ";" || token.text === "=") return undefined;
    if (isSign(token, "{")) inBraces = true;
    if (isSign(token, "}")) inBraces = false;
    const next = all[at + 1];
    if (!inBraces && isWord(token, "from") && next?.type === "string") {
      return { specifier: next.text, typeOnly };
    }
    if (isSign(token, "}") && !isWord(next, "from")) return undefined; // `export { a };`
  }
  return undefined;
}

/** The literal argument of a call, undefined when it is computed. */
function argumentOf(all: readonly Token[], index: number): string | undefined {
  const argument = all[index + 2];
  const after = all[index + 3];
  if (argument?.type !== "string" || !(isSign(after, ")") || isSign(after, ","))) return undefined;
  return argument.text;
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.type === "word" && token.text === text;
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.type === "sign" && token.text === text;
}
