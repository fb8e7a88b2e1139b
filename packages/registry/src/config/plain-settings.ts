import { isAbsolute, resolve } from "node:path";

import { OIDC_FIELDS } from "./oidc-options.ts";
import type { PlainOidc } from "./oidc-options.ts";
import { OPTION_KEYS } from "./options.ts";
import type { PlainSettings } from "./options.ts";
import type { Option } from "./option.ts";
import type { Origin, Problem } from "./problem.ts";
import type { RawSetting } from "./raw-settings.ts";
import { oidcParts, optionOf } from "./setting-key.ts";
import type { SettingKey } from "./setting-key.ts";

/** All keys, each with a value of the right kind. */
export interface CheckedSettings {
  /** A wrong value is replaced by the default, so that the other checks can go on. */
  readonly plain: PlainSettings;
  /** The OIDC services that any key names, by id. */
  readonly oidc: ReadonlyMap<string, PlainOidc>;
  /** Where the keys come from that somebody has set. */
  readonly origins: ReadonlyMap<SettingKey, Origin>;
  readonly problems: readonly Problem[];
}

/** @param cwd absolute; relative defaults start there */
export function plainSettings(
  raw: ReadonlyMap<SettingKey, RawSetting>,
  cwd: string,
): CheckedSettings {
  const problems: Problem[] = [];
  const origins = new Map<SettingKey, Origin>();
  const valueOf = (key: SettingKey): unknown => {
    const option = optionOf(key);
    const setting = raw.get(key);
    if (setting === undefined) return defaultOf(option, cwd);
    origins.set(key, setting.origin);
    const result = option.schema.safeParse(setting.value);
    if (result.success) return located(option, result.data, setting.base);
    const rule = result.error.issues[0]?.message ?? "is wrong";
    problems.push({ origin: setting.origin, key, message: `${rule}${shown(option, setting)}` });
    return defaultOf(option, cwd);
  };
  const entries = OPTION_KEYS.map((key) => [key, valueOf(key)] as const);
  const services = serviceIds(raw).map((id) => {
    const fields = OIDC_FIELDS.map((field) => [field, valueOf(`oidc.${id}.${field}`)] as const);
    return [id, Object.fromEntries(fields) as unknown as PlainOidc] as const; // as below
  });
  return {
    // The table's schemas made each value, so the types of keys and values belong together.
    plain: Object.fromEntries(entries) as unknown as PlainSettings,
    oidc: new Map(services),
    origins,
    problems,
  };
}

/** In the order in which they stand in the file. */
function serviceIds(raw: ReadonlyMap<SettingKey, RawSetting>): string[] {
  const ids = [...raw.keys()].flatMap((key) => oidcParts(key)?.id ?? []);
  return [...new Set(ids)];
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
