import { parseArgs } from "node:util";

import type { Flag } from "./flag.ts";
import { normalizeDashes } from "./normalize-dashes.ts";
import { nearNames } from "./transports/near-names.ts";
import { UsageError } from "./usage-error.ts";

/** What stood on the command line. */
export interface ParsedFlags {
  readonly positionals: readonly string[];
  /** Is the on/off flag given? */
  on(name: string): boolean;
  /** The value of a flag, the last one if it was given several times. */
  value(name: string): string | undefined;
  /** All values of a repeatable flag, in order. */
  values(name: string): readonly string[];
}

/**
 * Parses the arguments of one command.
 *
 * @param args what follows the name of the command
 * @param flags all flags of the command
 * @param helpCommand what to type for help, shown with an error
 * @throws {UsageError} for an unknown flag, a missing value or a value too many
 */
export function parseFlags(
  args: readonly string[],
  flags: readonly Flag[],
  helpCommand: string,
): ParsedFlags {
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokensOf(args, flags)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find((known) => known.name === token.name);
    if (flag === undefined) throw unknownFlag(token.rawName, flags, helpCommand);
    const values = given.get(flag.name) ?? [];
    values.push(valueOf(flag, token, helpCommand));
    given.set(flag.name, values);
  }
  return {
    positionals,
    on: (name) => given.has(name),
    value: (name) => given.get(name)?.at(-1),
    values: (name) => given.get(name) ?? [],
  };
}

type OptionToken = { rawName: string; value: string | undefined; inlineValue: boolean | undefined };

function tokensOf(args: readonly string[], flags: readonly Flag[]) {
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(short && { short }),
      },
    ]),
  );
  // Not strict: parseArgs would explain a mistake in terms of its own options, not of the command.
  const parsed = parseArgs({
    args: normalizeDashes(args, flags),
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return parsed.tokens;
}

function valueOf(flag: Flag, token: OptionToken, helpCommand: string): string {
  const { rawName, value, inlineValue } = token;
  if (flag.value === undefined) {
    if (value === undefined) return "";
    throw new UsageError(
      `${rawName} takes no value, but got ${JSON.stringify(value)}`,
      `see "${helpCommand}"`,
    );
  }
  // "-" is standard input or output; anything else with a dash is the next flag, unless joined by "=".
  if (value === undefined || (!inlineValue && value.length > 1 && value.startsWith("-"))) {
    throw new UsageError(
      `${rawName} needs a value: ${rawName} ${flag.value}`,
      `see "${helpCommand}"`,
    );
  }
  if (value === "" && flag.value !== undefined) {
    throw new UsageError(`the value of ${rawName} is empty`, `see "${helpCommand}"`);
  }
  return value;
}

function unknownFlag(rawName: string, flags: readonly Flag[], helpCommand: string): UsageError {
  const [near] = nearNames(
    rawName.replace(/^-+/, ""),
    flags.map(({ name }) => name),
  );
  const hint =
    near === undefined ? `see "${helpCommand}"` : `did you mean --${near}? See "${helpCommand}"`;
  return new UsageError(`unknown flag ${rawName}`, hint);
}
