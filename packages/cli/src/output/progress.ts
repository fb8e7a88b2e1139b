import type { OnProgress, ProgressEvent } from "@wharf/image";

import type { TextStream } from "../command-context.ts";
import { progressBarLine, progressLogLine } from "./progress-line.ts";
import { ProgressMeter } from "./progress-meter.ts";
import { terminalWidth } from "./terminal-width.ts";

/** How progress is shown: a line that is redrawn, a line now and then, or not at all. */
export type ProgressStyle = "bar" | "plain" | "none";

/** At most ten redraws a second. */
const REDRAW_MS = 100;
/** A log gets a line this often. */
const LOG_MS = 5000;

/**
 * Shows the progress of one run on standard error. Disposing it takes the line away, so that what is printed
 * afterwards stands alone.
 */
export class Progress implements Disposable {
  readonly #stream: TextStream;
  readonly #style: ProgressStyle;
  readonly #clock: () => number;
  readonly #meters = new Map<ProgressEvent["phase"], ProgressMeter>();
  #shownAt = -Infinity;
  #drawn = false;

  /** @param clock milliseconds of a steady clock */
  constructor(
    stream: TextStream,
    style: ProgressStyle,
    clock: () => number = () => performance.now(),
  ) {
    this.#stream = stream;
    this.#style = style;
    this.#clock = clock;
    if (style === "plain") this.#shownAt = clock();
  }

  /** Starts to count anew: for the next image of several. */
  restart(): void {
    this.#meters.clear();
  }

  /** Hand it to the library. */
  readonly onProgress: OnProgress = ({ phase, bytes, total }) => {
    if (this.#style === "none") return;
    const now = this.#clock();
    const meter = this.#meters.getOrInsertComputed(phase, () => new ProgressMeter(now));
    const wasComplete = meter.read(now).share === 1;
    meter.add(bytes, total, now);
    if (this.#style === "bar") this.#draw(phase, meter, now);
    else this.#log(phase, meter, now, !wasComplete && meter.read(now).share === 1);
  };

  /** Prints lines of text above the progress line. */
  print(lines: readonly string[]): void {
    this.clear();
    for (const line of lines) this.#stream.write(`${line}\n`);
  }

  /** Takes the line away; the next event draws it again. */
  clear(): void {
    if (!this.#drawn) return;
    this.#stream.write("\r\x1b[K");
    this.#drawn = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #draw(phase: ProgressEvent["phase"], meter: ProgressMeter, now: number): void {
    if (now - this.#shownAt < REDRAW_MS) return;
    this.#shownAt = now;
    this.#drawn = true;
    // Carriage return, the line, "erase to the end of the line" (ECMA-48, EL).
    this.#stream.write(
      `\r${progressBarLine(phase, meter.read(now), terminalWidth(this.#stream))}\x1b[K`,
    );
  }

  #log(
    phase: ProgressEvent["phase"],
    meter: ProgressMeter,
    now: number,
    isComplete: boolean,
  ): void {
    if (!isComplete && now - this.#shownAt < LOG_MS) return;
    this.#shownAt = now;
    this.#stream.write(`${progressLogLine(phase, meter.read(now))}\n`);
  }
}

/** `--progress`: `auto` draws on a terminal that can, and is silent elsewhere. */
export function progressStyle(
  wanted: "auto" | "plain" | "none",
  stream: TextStream,
  env: Readonly<Record<string, string | undefined>>,
): ProgressStyle {
  if (wanted !== "auto") return wanted;
  if (stream.isTTY !== true) return "none";
  return env["TERM"] === "dumb" ? "plain" : "bar";
}
