/** One way to authenticate that a server offers (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 9110, 5.6.2, `token`; also takes token68, whose characters beyond are `/` and `=`. */
const WORD = /[!#$%&'*+\-.^_`|~0-9A-Za-z/]+=*/y;
/** RFC 9110, 5.6.4, `quoted-string`. */
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const NAME = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*/y;
const GAP = /[ \t,]*/y;

/**
 * Reads the values of `WWW-Authenticate`. One value may hold several challenges, whose parameters are separated by
 * commas as the challenges are. What cannot be read ends its value; the challenges before it count.
 */
export function parseChallenges(values: readonly string[]): Challenge[] {
  return values.flatMap(parseValue);
}

function parseValue(value: string): Challenge[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(value);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (take(GAP); at < value.length; take(GAP)) {
    const current = found.at(-1);
    const start = at;
    const name = current === undefined ? null : take(NAME);
    const parameter =
      name === null ? undefined : (take(QUOTED)?.[1]?.replace(/\\(.)/gs, "$1") ?? take(WORD)?.[0]);
    if (current !== undefined && name !== null && parameter !== undefined) {
      // The first one counts, as everywhere where a second may be smuggled in.
      const key = (name[1] ?? "").toLowerCase();
      if (!current.parameters.has(key)) current.parameters.set(key, parameter);
      continue;
    }
    at = start;
    const scheme = take(WORD)?.[0];
    if (scheme === undefined) break;
    found.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
  }
  return found;
}
