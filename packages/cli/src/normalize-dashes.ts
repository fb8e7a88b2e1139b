import type { Flag } from "./flag.ts";

/**
 * Turns long flags in Go's style (`-from X`, `-from=X`, `-verbose=true`), as docker-squash took them, into the style
 * of node:util parseArgs (`--from X`, `--from=X`, `--verbose`). A known long name wins over short letters run together.
 */
export function normalizeDashes(args: readonly string[], flags: readonly Flag[]): string[] {
  const normalized: string[] = [];
  let isValue = false;
  for (const [index, arg] of args.entries()) {
    if (arg === "--" && !isValue) return [...normalized, ...args.slice(index)];
    const flag: Flag | undefined = isValue ? undefined : namedFlag(arg, flags);
    const joined = arg.includes("=");
    isValue = flag?.value !== undefined && !joined;
    if (flag === undefined || arg === `-${flag.short}`) {
      normalized.push(arg);
    } else if (flag.value === undefined && /=(true|1)$/.test(arg)) {
      normalized.push(`--${flag.name}`);
    } else if (flag.value !== undefined || !/=(false|0)$/.test(arg)) {
      normalized.push(arg.replace(/^-+[^=]+/, `--${flag.name}`));
    }
  }
  return normalized;
}

function namedFlag(arg: string, flags: readonly Flag[]): Flag | undefined {
  const [, name] = /^--?([^-=][^=]*)(?:=|$)/s.exec(arg) ?? [];
  if (name === undefined) return undefined;
  return (
    flags.find((flag) => flag.name === name) ??
    flags.find((flag) => flag.short === name && !arg.startsWith("--"))
  );
}
