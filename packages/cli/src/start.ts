import { isatty } from "node:tty";

import type { TextStream } from "./command-context.ts";
import { EXIT } from "./exit-code.ts";
import { abortOnSignals, divertHangup } from "./interrupt.ts";
import { main } from "./main.ts";

/** Runs the command in this process; imported by `bin/wharf.mjs`. */
const code = await main(process.argv.slice(2), {
  // process.stdout is opened only for text: opening it changes a pipe that an archive may go to.
  get stdout() {
    return textStream(process.stdout);
  },
  stderr: textStream(process.stderr),
  env: process.env,
  isTerminal: (descriptor) => isatty(descriptor),
  signal: abortOnSignals(process, (exitCode) => process.exit(exitCode)),
  onHangup: (listener) => divertHangup(process, listener),
});
// Idle keep-alive connections must not hold the process; text is written synchronously on POSIX systems.
process.exit(code);

/** A reader that went away (`wharf inspect … | head`) ends the command quietly. */
function textStream(stream: NodeJS.WriteStream): TextStream {
  if (stream.listenerCount("error") === 0) stream.on("error", () => process.exit(EXIT.failure));
  return stream;
}
