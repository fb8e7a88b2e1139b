import type { CommandContext } from "./command-context.ts";
import type { ExitCode } from "./exit-code.ts";
import type { HelpPage } from "./help-page.ts";
import type { ParsedFlags } from "./parse-flags.ts";

/** One verb of `wharf`: its flags and help are data, `run` calls the library. */
export interface Command {
  readonly help: HelpPage;
  /**
   * Does the work.
   *
   * @returns the exit code; faults are thrown and translated by {@link describeError}
   */
  run(flags: ParsedFlags, context: CommandContext): Promise<ExitCode>;
}
