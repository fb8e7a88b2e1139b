import { RegistryError } from "../http/registry-error.ts";
import { parseLogTimes } from "./log-times.ts";
import type { LogTimes } from "./log-times.ts";

/** Which entries of a log. */
export interface LogFilter extends LogTimes {
  /** Name of who did it. */
  readonly performer: string | undefined;
  /** Undefined: all. */
  readonly kinds: readonly string[] | undefined;
}

/** Kinds that can be asked for at once. */
const MOST_KINDS = 50;

/** As clients write it. */
export interface LogFilterText {
  readonly starttime?: string | undefined;
  readonly endtime?: string | undefined;
  readonly performer?: string | undefined;
  /** Separated by commas. */
  readonly kind?: string | undefined;
}

/** @throws {RegistryError} `PARAMETER_INVALID` naming the parameter */
export function parseLogFilter(text: LogFilterText, now: number): LogFilter {
  return {
    ...parseLogTimes(text, now),
    performer: text.performer === "" ? undefined : text.performer,
    kinds: parseKinds(text.kind),
  };
}

function parseKinds(text: string | undefined): readonly string[] | undefined {
  const kinds = [...new Set((text ?? "").split(",").map((kind) => kind.trim()))].filter(
    (kind) => kind !== "",
  );
  if (kinds.length === 0) return undefined;
  // Kinds of newer and older versions are none that we know, so any name will do.
  if (kinds.every((kind) => /^[a-z][a-z0-9_]{0,63}$/.test(kind)) && kinds.length <= MOST_KINDS) {
    return kinds;
  }
  throw new RegistryError(
    "PARAMETER_INVALID",
    `kind: must be at most ${MOST_KINDS} kinds of entries separated by commas, such as push_repo,create_tag`,
    { detail: { field: "kind" } },
  );
}
