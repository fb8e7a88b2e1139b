/** The configuration is wrong. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  /** Every reason, one line each, with its place in the file. */
  readonly details: readonly string[];

  constructor(details: readonly string[]) {
    super("the configuration is wrong");
    this.details = details;
  }
}
