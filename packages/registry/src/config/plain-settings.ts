import { isAbsolute, resolve } from "node:path";

import { OPTION_KEYS, OPTIONS } from "./options.ts";
import type { OptionKey, PlainSettings } from "./options.ts";
import type { Option } from "./option.ts";
import type { Origin, Problem } from "./problem.ts";
import type { RawSetting } from "./raw-settings.ts";

/** All keys, each with a value of the right kind. */
export interface CheckedSettings {
  /** A wrong value is replaced by the default, so that the other checks can go on. */
  readonly plain: PlainSettings;
  /** Where the keys come from that somebody has set. */
  readonly origins: ReadonlyMap<OptionKey, Origin>;
  readonly problems: readonly Problem[];
}

/** @param cwd absolute; relative defaults start there */
export function plainSettings(
  raw: ReadonlyMap<OptionKey, RawSetting>,
  cwd: string,
): CheckedSettings {
  const problems: Problem[] = [];
  const origins = new Map<OptionKey, Origin>();
  const entries = OPTION_KEYS.map((key) => {
    const option: Option = OPTIONS[key];
    const setting = raw.get(key);
    if (setting === undefined) return [key, defaultOf(option, cwd)] as const;
    origins.set(key, setting.origin);
    const result = option.schema.safeParse(setting.value);
    if (result.success) return [key, located(option, result.data, setting.base)] as const;
    const rule = result.error.issues[0]?.message ?? "is wrong";
    problems.push({ origin: setting.origin, key, message: `${rule}${shown(option, setting)}` });
    return [key, defaultOf(option, cwd)] as const;
  });
  // The table's schemas made each value, so the types of keys and values belong together.
  return { plain: Object.fromEntries(entries) as unknown as PlainSettings, origins, problems };
}

function defaultOf(option: Option, cwd: string): unknown {
  return located(option, option.schema.parse(option.default), cwd);
}

function located({ kind }: Option, value: unknown, base: string): unknown {
  const isRelative = kind.isPath === true && typeof value === "string" && !isAbsolute(value);
  return isRelative ? resolve(base, value) : value;
}

/** The wrong value, unless it is secret or long. */
function shown({ secret }: Option, { value }: RawSetting): string {
  if (secret || typeof value !== "string") return "";
  const text = JSON.stringify(value);
  return `, not ${text.length > 100 ? `${text.slice(0, 100)}…` : text}`;
}
