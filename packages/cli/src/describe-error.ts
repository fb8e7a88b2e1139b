import { getSystemErrorMap } from "node:util";

import type { ImageError, ImageErrorCode } from "@wharf/image";
import type { RegistryError } from "@wharf/registry";

import type { ConfigurationError } from "./commands/server/configuration-error.ts";
import { EXIT } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { Interrupted } from "./interrupt.ts";
import { safeText } from "./output/safe-text.ts";
import type { TransportError, TransportErrorCode } from "./transports/transport-error.ts";
import { UsageError } from "./usage-error.ts";

/** What a failed run tells the user and its caller. */
export interface ErrorDescription {
  /** The cause, the next step where there is one, with `verbose` the stack. */
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

/**
 * The one translator from errors to text and exit code.
 *
 * @param error what was thrown
 * @param signal the signal of the run: once aborted, whatever was thrown is its consequence
 * @param verbose adds the stack trace
 */
export function describeError(
  error: unknown,
  signal: AbortSignal,
  verbose: boolean,
): ErrorDescription {
  const cause: unknown = signal.aborted ? signal.reason : error;
  const { message, details = [], hint, exitCode } = translate(cause);
  const lines = [`wharf: ${safeText(message)}`, ...details.map((line) => `  ${safeText(line)}`)];
  if (cause instanceof UsageError) lines.push(...cause.usage.map(usageLine));
  if (hint !== undefined) lines.push(`next: ${safeText(hint)}`);
  if (verbose && cause instanceof Error && !(cause instanceof Interrupted))
    lines.push(...stackOf(cause));
  return { lines, exitCode };
}

function usageLine(line: string, index: number): string {
  return `${index === 0 ? "usage:" : "      "} ${line}`;
}

interface Translation {
  readonly message: string;
  /** Further lines, where one is not enough. */
  readonly details?: readonly string[];
  readonly hint?: string | undefined;
  readonly exitCode: ExitCode;
}

function translate(error: unknown): Translation {
  if (error instanceof Interrupted) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof UsageError)
    return { message: error.message, hint: error.hint, exitCode: EXIT.usage };
  if (!(error instanceof Error)) return { message: String(error), exitCode: EXIT.failure };
  if (isImageError(error)) {
    return {
      message: error.message,
      hint: error.hint ?? IMAGE_HINTS[error.code],
      exitCode: IMAGE_EXITS[error.code],
    };
  }
  if (isTransportError(error)) {
    return { message: error.message, hint: error.hint, exitCode: TRANSPORT_EXITS[error.code] };
  }
  if (isConfigurationError(error)) {
    return {
      message: error.message,
      details: error.details,
      hint: "docs/configuration.md has every key",
      exitCode: EXIT.usage,
    };
  }
  if (isRegistryError(error)) {
    return { message: error.message, exitCode: exitOfStatus(error.status) };
  }
  if (error.name === "CollectionRunningError") {
    return { message: error.message, exitCode: EXIT.failure };
  }
  if (isSystemError(error)) return translateSystemError(error);
  return {
    message: withCause(error),
    hint: "add -verbose for the details; if it looks like a fault of Wharf, please report it with them",
    exitCode: EXIT.failure,
  };
}

const IMAGE_EXITS: Readonly<Record<ImageErrorCode, ExitCode>> = {
  damaged: EXIT.refused,
  unsupported: EXIT.refused,
  limit: EXIT.refused,
  "not-found": EXIT.unavailable,
  "invalid-request": EXIT.usage,
};

const IMAGE_HINTS: Readonly<Partial<Record<ImageErrorCode, string>>> = {
  damaged: "save, pull or build the image again; nothing was written",
  unsupported: "convert the image with the tool that made it; nothing was written",
  limit: "if you trust the image, raise the limit with --max-layer-size",
  "not-found": '"wharf inspect SOURCE" shows what is there',
  "invalid-request": '"wharf squash --help" shows how it is written',
};

const TRANSPORT_EXITS: Readonly<Record<TransportErrorCode, ExitCode>> = {
  unreachable: EXIT.failure,
  interrupted: EXIT.failure,
  denied: EXIT.unavailable,
  refused: EXIT.failure,
  output: EXIT.failure,
};

/** Told apart by name and code, so that a run that fails early does not load the library. */
function isImageError(error: Error): error is ImageError {
  return error.name === "ImageError" && "code" in error && String(error.code) in IMAGE_EXITS;
}

/** As {@link isImageError}. */
function isTransportError(error: Error): error is TransportError {
  return (
    error.name === "TransportError" && "code" in error && String(error.code) in TRANSPORT_EXITS
  );
}

/** As {@link isImageError}. */
function isConfigurationError(error: Error): error is ConfigurationError {
  return error.name === "ConfigurationError" && "details" in error;
}

/** As {@link isImageError}. */
function isRegistryError(error: Error): error is RegistryError {
  return error.name === "RegistryError" && "status" in error;
}

function exitOfStatus(status: number): ExitCode {
  if (status === 404) return EXIT.unavailable;
  return status >= 500 ? EXIT.failure : EXIT.usage;
}

/** Faults of the system, by error number. */
const SYSTEM_ERRORS: Readonly<Record<string, { hint?: string; exitCode: ExitCode }>> = {
  ENOENT: { hint: "check the name", exitCode: EXIT.unavailable },
  ENOTDIR: { hint: "check the name", exitCode: EXIT.unavailable },
  EISDIR: { hint: 'a folder is written with "--format oci"', exitCode: EXIT.unavailable },
  EACCES: { hint: "check the permissions, or run as a user who may", exitCode: EXIT.unavailable },
  EPERM: { hint: "check the permissions, or run as a user who may", exitCode: EXIT.unavailable },
  EROFS: { hint: "choose a folder that can be written", exitCode: EXIT.unavailable },
  ENOSPC: {
    hint: "free some space, or put temporary files elsewhere with --tmp-dir",
    exitCode: EXIT.failure,
  },
  EDQUOT: {
    hint: "free some space, or put temporary files elsewhere with --tmp-dir",
    exitCode: EXIT.failure,
  },
  EFBIG: { hint: "the file system takes no file of this size", exitCode: EXIT.failure },
  EMFILE: { hint: 'raise the limit of open files ("ulimit -n")', exitCode: EXIT.failure },
  EADDRINUSE: {
    hint: "another program listens there; choose another port with --port",
    exitCode: EXIT.failure,
  },
  EADDRNOTAVAIL: {
    hint: "this machine has no such address; choose another with --address",
    exitCode: EXIT.failure,
  },
  EPIPE: { hint: "the program that reads the output ended early", exitCode: EXIT.failure },
};

type SystemError = Error & {
  code: string;
  errno?: number;
  path?: string;
  address?: string;
  port?: number;
  syscall: string;
};

function isSystemError(error: Error): error is SystemError {
  return "code" in error && typeof error.code === "string" && "syscall" in error;
}

function translateSystemError(error: SystemError): Translation {
  const known = SYSTEM_ERRORS[error.code];
  const [, text] =
    (error.errno === undefined ? undefined : getSystemErrorMap().get(error.errno)) ?? [];
  const message = text === undefined ? error.message : `${subjectOf(error)}${text}`;
  return { message, hint: known?.hint, exitCode: known?.exitCode ?? EXIT.failure };
}

function subjectOf({ path, address, port }: SystemError): string {
  if (path !== undefined) return `${path}: `;
  return address === undefined || port === undefined ? "" : `${address} port ${port}: `;
}

/** Errors of `fetch` hide the reason in their cause. */
function withCause(error: Error): string {
  const message = error.message === "" ? error.name : error.message;
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? `${message}: ${cause.message}` : message;
}

function stackOf(error: Error): string[] {
  const lines = (error.stack ?? "").split("\n").map((line) => safeText(line));
  return error.cause instanceof Error ? [...lines, "caused by:", ...stackOf(error.cause)] : lines;
}
