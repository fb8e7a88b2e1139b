/** A piece of source text. Comments, white space and regular expressions are left out. */
export interface Token {
  /** `word`: identifier, keyword or number; `string`: literal without substitution; `sign`: one other character. */
  readonly type: "word" | "string" | "sign";
  /** Of a string: what stands between the quotes, escapes as they are written. */
  readonly text: string;
  readonly line: number;
}

/** After these words and signs a `/` starts a regular expression; anywhere else it divides. */
const BEFORE_REGEX_WORDS = new Set(
  "return typeof case in of delete void throw new else do await yield".split(" "),
);
const BEFORE_REGEX_SIGNS = new Set("(,=:[!&|?{};+-*%^~>");

const WORD = /[\p{ID_Start}$_#\d][\p{ID_Continue}$\u200c\u200d]*/uy;
const STRING = /"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'/y;
const TEMPLATE_PART = /(?:[^`\\$]|\\[^]|\$(?!\{))*(`|\$\{)/y;
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

/**
 * Cuts JavaScript, TypeScript or JSX text into tokens, well enough to find imports in it: what looks like one
 * inside a comment, string, template or regular expression is not taken for one. Never fails; odd text gives odd signs.
 */
export function* tokens(source: string): Generator<Token> {
  let at = source.startsWith("#!") ? Math.max(source.indexOf("\n"), 0) : 0;
  let line = 1;
  let previous: Token | undefined;
  /** For each open template the number of braces open in its current substitution. */
  const templates: number[] = [];

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) {
      at = pattern.lastIndex;
      line += match[0].split("\n").length - 1;
    }
    return match;
  };
  const templatePart = (): RegExpExecArray | null => {
    const part = take(TEMPLATE_PART);
    if (part?.[1] === "${") templates.push(0);
    return part;
  };

  while (at < source.length) {
    if (take(SPACE) !== null) continue;
    const start = line;
    const sign = source.charAt(at);
    if (sign === "/" && startsRegex(previous) && take(REGEX) !== null) {
      previous = { type: "word", text: "/regex/", line: start }; // a value, as far as a following "/" is concerned
      continue;
    }
    let token: Token;
    const word = take(WORD);
    const string = word === null ? take(STRING) : null;
    if (word !== null) {
      token = { type: "word", text: word[0], line: start };
    } else if (string !== null) {
      token = { type: "string", text: string[1] ?? string[2] ?? "", line: start };
    } else if (sign === "`") {
      at++;
      const part = templatePart();
      const whole = part !== null && part[1] === "`";
      token = whole
        ? { type: "string", text: part[0].slice(0, -1), line: start }
        : { type: "sign", text: sign, line: start };
    } else {
      at++;
      const depth = templates.at(-1);
      if (depth !== undefined && sign === "{") templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && sign === "}") {
        templates.pop();
        if (depth > 0) templates.push(depth - 1);
        else templatePart();
      }
      token = { type: "sign", text: sign, line: start };
    }
    previous = token;
    yield token;
  }
}

function startsRegex(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.type === "word") return BEFORE_REGEX_WORDS.has(previous.text);
  return previous.type === "sign" && BEFORE_REGEX_SIGNS.has(previous.text);
}
