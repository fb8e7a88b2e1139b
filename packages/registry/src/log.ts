import { once } from "node:events";
import { pino } from "pino";
import type { DestinationStream, Logger as PinoInstance } from "pino";

import type { LogConfig } from "./config/config.ts";
import { textLine } from "./log/text-line.ts";
import { safeText, safeUrl } from "./log/safe-url.ts";

/**
 * Facts of a message. Only single values and errors: whole headers or bodies, where secrets live, cannot be logged at
 * all. `url` and `path` lose their secrets, and a field that is named like a secret is not written.
 */
export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | Error>
>;

/** Where the server tells what happens. */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  isEnabled(level: LogConfig["level"]): boolean;
  /** A log whose messages all carry these fields, such as `{ request: id }` or `{ subsystem: "garbage" }`. */
  child(fields: LogFields): Logger;
}

/** The log of a process: the root of all others. Disposing it writes what is still in memory. */
export interface RootLogger extends Logger, AsyncDisposable {}

/** Lines that nobody reads pile up to this many bytes, then new ones are dropped: memory stays bounded. */
const MAX_BUFFER = 16 * 1024 * 1024;

/** Field names that are never written, whoever passes them. */
const SECRET_FIELD = /password|secret|token|authorization|cookie|credential|private/i;

/**
 * Opens a log.
 *
 * @param destination file descriptor or path; lines are written in the background, in order, and at exit of the process
 */
export function openLog(
  { level, format }: Pick<LogConfig, "level" | "format">,
  destination: number | string = 1,
): RootLogger {
  const stream = pino.destination({ dest: destination, sync: false, maxLength: MAX_BUFFER });
  // A full disk must not end the server; writing is tried again with the next line.
  stream.on("error", () => {});
  const target: DestinationStream =
    format === "text" ? { write: (line) => stream.write(textLine(line)) } : stream;
  const logger = pino(
    {
      level,
      base: null,
      timestamp,
      formatters: { level: (label) => ({ level: label }) },
    },
    target,
  );
  return new PinoLogger(logger, async () => {
    const closed = once(stream, "close");
    stream.end();
    await closed;
  });
}

let timestampAt = 0;
let timestampText = "";

/** As pino's own, in ISO 8601, but made once for all lines of a millisecond. */
function timestamp(): string {
  const now = Date.now();
  if (now !== timestampAt) {
    timestampAt = now;
    timestampText = `,"time":"${new Date(now).toISOString()}"`;
  }
  return timestampText;
}

/** Says nothing; for tests and for commands that have a terminal to talk to. */
export const SILENT_LOGGER: Logger = Object.freeze({
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  isEnabled: () => false,
  child: () => SILENT_LOGGER,
});

class PinoLogger implements RootLogger {
  readonly #logger: PinoInstance;
  readonly #close: () => Promise<void>;

  constructor(logger: PinoInstance, close: () => Promise<void>) {
    this.#logger = logger;
    this.#close = close;
  }

  trace(message: string, fields?: LogFields): void {
    this.#write("trace", message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#write("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write("error", message, fields);
  }

  isEnabled(level: LogConfig["level"]): boolean {
    return this.#logger.isLevelEnabled(level);
  }

  child(fields: LogFields): Logger {
    return new PinoLogger(this.#logger.child(safeFields(fields)), this.#close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #write(level: LogConfig["level"], message: string, fields: LogFields = {}): void {
    if (!this.#logger.isLevelEnabled(level)) return;
    this.#logger[level](safeFields(fields), safeText(message));
  }
}

function safeFields(fields: LogFields): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const name in fields) {
    const value = safeValue(name, fields[name]);
    if (value !== undefined) safe[name] = value;
  }
  return safe;
}

/** What {@link SECRET_FIELD} says of the names that were seen; there are as many as the code has. */
const isSecret = new Map<string, boolean>();
const MOST_NAMES = 1000;

function isSecretField(name: string): boolean {
  const known = isSecret.get(name);
  if (known !== undefined) return known;
  const found = SECRET_FIELD.test(name);
  if (isSecret.size < MOST_NAMES) isSecret.set(name, found);
  return found;
}

function safeValue(name: string, value: unknown): unknown {
  if (isSecretField(name)) return undefined;
  if (typeof value === "string") {
    return name === "url" || name === "path" ? safeUrl(value) : safeText(value);
  }
  if (value instanceof Error) return errorFields(value, 4);
  // What the type forbids, a caller in a hurry may still pass.
  return typeof value === "object" && value !== null ? undefined : value;
}

/** Name, code, message, stack and causes of an error, and none of its own fields. */
function errorFields(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const inner = cause instanceof Error && depth > 0 ? { cause: errorFields(cause, depth - 1) } : {};
  const trace = stack === undefined ? {} : { stack: safeText(stack) };
  return { name, ...code, message: safeText(message), ...trace, ...inner };
}
