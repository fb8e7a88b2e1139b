/** The command line is wrong. Exit code 2; `hint` says what to type instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string;
  /** Synopsis to show, one line each; empty where one thing is wrong and the rest is known. */
  readonly usage: readonly string[];

  constructor(message: string, hint: string, usage: readonly string[] = []) {
    super(message);
    this.hint = hint;
    this.usage = usage;
  }
}
