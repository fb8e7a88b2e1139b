import type { ParsedFlags } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";

/**
 * The value of a flag that knows only a few.
 *
 * @returns undefined when the flag is not given
 * @throws {UsageError} for any other value
 */
export function oneOf<const T extends string>(
  flags: ParsedFlags,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const value = flags.value(name);
  const found = allowed.find((one) => one === value);
  if (value !== undefined && found === undefined) {
    throw new UsageError(
      `--${name} ${JSON.stringify(value)} is not known`,
      `choose one of ${allowed.join(", ")}`,
    );
  }
  return found;
}
