import type { CommandContext } from "./command-context.ts";
import { commandNamed } from "./command-named.ts";
import { COMMANDS } from "./command-table.ts";
import { describeError } from "./describe-error.ts";
import { EXIT } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { HELP_FLAGS } from "./help-flags.ts";
import { helpText } from "./output/help-text.ts";
import { parseFlags } from "./parse-flags.ts";
import { terminalWidth } from "./output/terminal-width.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The `wharf` command.
 *
 * @param argv arguments after the name of the program
 * @param context streams, environment and the signal that ends the run
 * @returns the exit code; never throws
 */
export async function main(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  try {
    return await runCommand(argv, context);
  } catch (error) {
    const { lines, exitCode } = describeError(error, context.signal, isVerbose(argv));
    context.stderr.write(lines.map((line) => `${line}\n`).join(""));
    return exitCode;
  }
}

async function runCommand(
  [name, ...args]: readonly string[],
  context: CommandContext,
): Promise<ExitCode> {
  if (name === undefined) throw new UsageError("no command given", 'see "wharf help"');
  if (/^--?(help|h)$/.test(name)) return await runCommand(["help", ...args], context);
  if (/^--?(version|v|V)$/.test(name)) return await runCommand(["version", ...args], context);
  if (isGroupHelp(name, args))
    return await runCommand(["help", name, ...args.slice(0, -1)], context);
  const { command, rest } = await commandNamed(COMMANDS, [name, ...args]);
  const flags = [...command.help.flagGroups.flatMap((group) => group.flags), ...HELP_FLAGS];
  const parsed = parseFlags(rest, flags, `${command.help.command} --help`);
  if (!parsed.on("help")) return await command.run(parsed, context);
  context.stdout.write(helpText(command.help, terminalWidth(context.stdout)));
  return EXIT.ok;
}

/** `wharf admin --help`, where there is no command `admin`. */
function isGroupHelp(name: string, args: readonly string[]): boolean {
  const words = [name, ...args.slice(0, -1)].join(" ");
  return (
    /^--?(help|h)$/.test(args.at(-1) ?? "") &&
    COMMANDS.some((command) => command.name.startsWith(`${words} `)) &&
    COMMANDS.every((command) => command.name !== words)
  );
}

function isVerbose(argv: readonly string[]): boolean {
  return argv.some((arg) => /^--?verbose(=true|=1)?$/.test(arg));
}
