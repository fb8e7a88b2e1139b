/** What the command tells its caller by its exit code. Listed in every help page and in `docs/cli.md`. */
export const EXIT_CODES = [
  { code: 0, name: "ok", meaning: "done; also when there was nothing to squash" },
  {
    code: 1,
    name: "failure",
    meaning: "the result cannot be written, or network or engine fail",
  },
  {
    code: 2,
    name: "usage",
    meaning: "the command line or the configuration is wrong, or leaves open what is meant",
  },
  {
    code: 3,
    name: "refused",
    meaning: "the input is damaged, beyond a limit, or of a kind Wharf refuses",
  },
  {
    code: 4,
    name: "unavailable",
    meaning: "file, image, platform or layer not found, or no access to it",
  },
  { code: 129, name: "hangup", meaning: "ended by SIGHUP" },
  { code: 130, name: "interrupted", meaning: "ended by SIGINT (Ctrl-C)" },
  { code: 143, name: "terminated", meaning: "ended by SIGTERM" },
] as const;

export type ExitCode = (typeof EXIT_CODES)[number]["code"];

/** The code of a name, so that no number stands alone in the code. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  refused: 3,
  unavailable: 4,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const satisfies Record<(typeof EXIT_CODES)[number]["name"], ExitCode>;
