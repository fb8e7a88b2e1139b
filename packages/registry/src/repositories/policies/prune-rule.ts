import { RegistryError } from "../../http/registry-error.ts";
import type { PolicyRow, PolicyValues } from "./policy-store.ts";
import { tagPattern } from "./tag-pattern.ts";

/** An auto-prune policy as it is wanted. */
export interface PruneWish {
  readonly method: "number_of_tags" | "creation_date";
  /** A number of tags, or an age such as `7d`. */
  readonly value: number | string;
  /** RE2 expression; undefined: all tags. */
  readonly pattern: string | undefined;
  /** True: tags that match; false: those that do not. */
  readonly matches: boolean;
}

/** A policy ready to be asked, tag by tag, the latest first. */
export interface PruneRule {
  /** Undefined: only tried, not in force. */
  readonly uuid: string | undefined;
  /** Would it let this tag go? It counts those that it lets stay. */
  readonly takes: (name: string, startedAt: number) => boolean;
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** @throws {RegistryError} `PARAMETER_INVALID` naming the field */
export async function pruneValues(wish: PruneWish): Promise<PolicyValues> {
  const { method, value, matches } = wish;
  const text = String(value).trim();
  const isGood =
    method === "number_of_tags" ? /^[1-9]\d{0,6}$/.test(text) : ageOf(text) !== undefined;
  if (!isGood) {
    const expected =
      method === "number_of_tags"
        ? "must be a number of tags, at least 1"
        : "must be an age such as 7d (s, m, h, d, w, y)";
    throw new RegistryError("PARAMETER_INVALID", `value: ${expected}`, {
      detail: { field: "value" },
    });
  }
  const pattern = wish.pattern === undefined || wish.pattern === "" ? null : wish.pattern;
  if (pattern !== null) await tagPattern(pattern, "tagPattern");
  return { method, value: text, tag_pattern: pattern, tag_pattern_matches: matches ? 1 : 0 };
}

/** @param now milliseconds since 1970 */
export async function pruneRule(
  policy: PolicyValues & { readonly uuid?: PolicyRow["uuid"] },
  now: number,
): Promise<PruneRule> {
  const expression =
    policy.tag_pattern === null ? undefined : await tagPattern(policy.tag_pattern, "tagPattern");
  const matches = policy.tag_pattern_matches === 1;
  const isMeant = (name: string): boolean =>
    expression === undefined || expression.isIn(name) === matches;
  const value = policy.value ?? "";
  if (policy.method === "creation_date") {
    const since = now - (ageOf(value) ?? Infinity);
    return { uuid: policy.uuid, takes: (name, startedAt) => startedAt < since && isMeant(name) };
  }
  let left = Number(value);
  return { uuid: policy.uuid, takes: (name) => isMeant(name) && left-- <= 0 };
}

/** @returns milliseconds */
function ageOf(text: string): number | undefined {
  const match = /^([1-9]\d{0,6})([smhdwy])$/.exec(text);
  if (match === null) return undefined;
  const [, count = "", unit = ""] = match;
  return Number(count) * (UNITS[unit] ?? 0);
}
