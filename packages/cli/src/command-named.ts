import type { CommandEntry } from "./command-entry.ts";
import type { Command } from "./command.ts";
import { nearNames } from "./transports/near-names.ts";
import { UsageError } from "./usage-error.ts";

/** A command, and what stood behind its name. */
export interface NamedCommand {
  readonly command: Command;
  readonly rest: readonly string[];
}

/**
 * Loads the command that the arguments begin with; of `admin user` and `admin user create` the longer one counts.
 *
 * @throws {UsageError} when there is none, with a guess what was meant
 */
export async function commandNamed(
  commands: readonly CommandEntry[],
  args: readonly string[],
): Promise<NamedCommand> {
  const named = commands
    .filter(({ name }) => name.split(" ").every((word, index) => args[index] === word))
    .toSorted((a, b) => b.name.length - a.name.length);
  const [entry] = named;
  if (entry === undefined) throw unknownCommand(commands, args);
  return { command: await entry.load(), rest: args.slice(entry.name.split(" ").length) };
}

function unknownCommand(commands: readonly CommandEntry[], args: readonly string[]): UsageError {
  const known = knownWords(commands, args);
  const help = `see "wharf help${known
    .slice(0, 1)
    .map((word) => ` ${word}`)
    .join("")}"`;
  const word = args[known.length];
  if (word === undefined) {
    return new UsageError(`"wharf ${known.join(" ")}" needs to know what to do`, help);
  }
  const [near] = nearNames(word, nextWords(commands, known));
  const typed = [...known, word].join(" ");
  return new UsageError(
    `there is no command ${JSON.stringify(typed)}`,
    near === undefined
      ? help
      : `did you mean "wharf ${[...known, near].join(" ")}"? S${help.slice(1)}`,
  );
}

/** As many of the arguments as commands begin with: `admin user` of `admin user mkae`. */
function knownWords(commands: readonly CommandEntry[], args: readonly string[]): readonly string[] {
  const length = args.findIndex((word, index) => {
    return !nextWords(commands, args.slice(0, index)).has(word);
  });
  return length < 0 ? args : args.slice(0, length);
}

/** The words that can follow. */
function nextWords(commands: readonly CommandEntry[], before: readonly string[]): Set<string> {
  const names = commands.map(({ name }) => name.split(" "));
  const following = names.filter((words) => before.every((word, index) => words[index] === word));
  return new Set(following.flatMap((words) => words.slice(before.length, before.length + 1)));
}
