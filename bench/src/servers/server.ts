/** A registry under measurement, a process of its own. */
export interface Server extends AsyncDisposable {
  readonly name: "wharf" | "docker-registry";
  /** `127.0.0.1:5000`. */
  readonly host: string;
  readonly pid: number;
  /** From starting the process to its first answer, in milliseconds. */
  readonly startMilliseconds: number;
  /** What `skopeo --dest-creds` and the like take; undefined: it is open. */
  readonly credentials: string | undefined;
  /**
   * Headers for writing to repositories, with a token that is asked for once.
   *
   * @param repositories full names
   */
  login(repositories: readonly string[]): Promise<Record<string, string>>;
}

/** Of the whole process with its threads. */
export interface Usage {
  /** User and system time since its start. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Highest resident memory so far. */
  readonly peakBytes: number;
}
