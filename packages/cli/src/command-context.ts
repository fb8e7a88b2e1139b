/** Text that goes to a person (or, for standard output, to the program that reads it). */
export interface TextStream {
  write(text: string): unknown;
  /** Is it a terminal? */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal in characters. */
  readonly columns?: number | undefined;
}

/** What a command may touch of the process it runs in. */
export interface CommandContext {
  /** Text only: an archive goes to descriptor 1 by itself. */
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Is descriptor 0 or 1 a terminal? Asked for without opening a stream on it. */
  isTerminal(descriptor: 0 | 1): boolean;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** From now on SIGHUP calls `listener` and ends nothing. */
  onHangup(listener: () => void): void;
}
