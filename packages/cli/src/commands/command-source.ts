import type { CommandContext } from "../command-context.ts";
import type { HelpPage } from "../help-page.ts";
import { parseSource } from "../transports/reference.ts";
import type { Reference } from "../transports/reference.ts";
import { UsageError } from "../usage-error.ts";
import type { Place } from "./squash-options.ts";

/**
 * Where the image is read from; standard input when nothing is named.
 *
 * @param help page of the command, whose synopsis an error shows
 * @throws {UsageError} when standard input is a terminal: nobody types an image
 */
export async function commandSource(
  place: Place | undefined,
  context: CommandContext,
  help: HelpPage,
): Promise<Reference> {
  if (place === undefined || place.text === "-") {
    if (!context.isTerminal(0)) return { transport: "stdio" };
    const hint = `see "${help.command} --help"`;
    throw new UsageError("no image: name one, or pipe one in", hint, help.usage);
  }
  return place.isPath
    ? { transport: "path", path: place.text, kind: "file" }
    : await parseSource(place.text);
}
