import type { ParsedFlags } from "../../parse-flags.ts";
import { oneOf } from "../one-of.ts";

/** A flag that is `yes` or `no`; undefined when it is not given. */
export function yesNo(flags: ParsedFlags, name: string): boolean | undefined {
  const value = oneOf(flags, name, ["yes", "no"]);
  return value === undefined ? undefined : value === "yes";
}
