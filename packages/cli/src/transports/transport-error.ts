/** What kind of failure a {@link TransportError} tells of; the command maps each to an exit code. */
export type TransportErrorCode =
  /** Nobody answers: no socket, connection refused, unknown host, TLS that cannot be trusted. */
  | "unreachable"
  /** The other side stopped sending or answering, or the connection broke, and trying again did not help. */
  | "interrupted"
  /** Credentials are missing or were refused, or the socket may not be opened. */
  | "denied"
  /** The other side answered with an error of its own, or with something that breaks its protocol. */
  | "refused"
  /** The result could not be written: no space, no permission, the reader of a pipe has gone. */
  | "output";

/**
 * A failure on the way to or from where an image lives: engine, registry, file, pipe. Faults of the image itself are
 * `ImageError`s. The message names the cause and the place and never holds a secret; `hint` says what to do next.
 */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;
  readonly hint: string | undefined;

  constructor(
    code: TransportErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** The `code` of a system error (`ENOENT`, `ECONNREFUSED`, ...), also when it hides in an AggregateError or a cause. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError)
    return error.errors.map(systemCode).find((code) => code !== undefined);
  return systemCode(error.cause);
}
