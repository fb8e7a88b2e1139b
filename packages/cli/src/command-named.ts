import type { CommandEntry } from "./command-entry.ts";
import type { Command } from "./command.ts";
import { nearNames } from "./transports/near-names.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Loads the command of a name.
 *
 * @throws {UsageError} when there is none, with a guess what was meant
 */
export async function commandNamed(
  commands: readonly CommandEntry[],
  name: string,
): Promise<Command> {
  const entry = commands.find((command) => command.name === name);
  if (entry !== undefined) return await entry.load();
  const [near] = nearNames(
    name,
    commands.map((command) => command.name),
  );
  throw new UsageError(
    `there is no command ${JSON.stringify(name)}`,
    near === undefined ? 'see "wharf help"' : `did you mean "wharf ${near}"? See "wharf help"`,
  );
}
