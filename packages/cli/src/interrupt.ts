import { EXIT } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";

/** Reason of an aborted run: which signal ended it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: ExitCode;

  constructor(signal: string, exitCode: ExitCode) {
    super(`ended by ${signal}`);
    this.exitCode = exitCode;
  }
}

const SIGNALS = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hangup,
} as const;

/** A second signal within this time is the same key press, passed on by npx or by the wrapper in `bin/`. */
const SAME_KEY_PRESS_MS = 250;

/**
 * Turns signals into an abort: the first one lets the command clean up, the second one ends the process at once.
 *
 * @param emitter the process
 * @param exit ends the process
 * @param clock milliseconds of a steady clock
 */
export function abortOnSignals(
  emitter: NodeJS.EventEmitter,
  exit: (code: ExitCode) => void,
  clock: () => number = () => performance.now(),
): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  for (const [name, code] of Object.entries(SIGNALS)) {
    emitter.on(name, () => {
      if (!controller.signal.aborted) {
        firstAt = clock();
        controller.abort(new Interrupted(name, code));
      } else if (clock() - firstAt > SAME_KEY_PRESS_MS) {
        exit(code);
      }
    });
  }
  return controller.signal;
}

/** Makes SIGHUP call `listener`, as servers do, after {@link abortOnSignals} had it end the run. */
export function divertHangup(emitter: NodeJS.EventEmitter, listener: () => void): void {
  emitter.removeAllListeners("SIGHUP");
  emitter.on("SIGHUP", listener);
}
