import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { assembleConfig } from "./assemble-config.ts";
import { checkMachine } from "./check-machine.ts";
import type { Config } from "./config.ts";
import type { OptionKey } from "./options.ts";
import { plainSettings } from "./plain-settings.ts";
import type { Problem } from "./problem.ts";
import type { RawSetting, RawSettings } from "./raw-settings.ts";
import { readEnvironment } from "./read-environment.ts";
import type { SettingKey } from "./setting-key.ts";

/** Where a configuration comes from. Flags beat variables, these the file, that `defaults`, and these the table's. */
export interface ConfigSources {
  /** YAML file, absolute or relative to `cwd`; without it there is none. */
  readonly file?: string | undefined;
  /** Variables of the process; only `WHARF_*` are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; where the defaults and relative paths in variables and flags start. */
  readonly cwd: string;
  readonly flags?: readonly FlagSetting[];
  /** Defaults that fit the place better than those of the table. */
  readonly defaults?: readonly FlagSetting[];
}

/** A key that was set on the command line. */
export interface FlagSetting {
  readonly key: OptionKey;
  /** As errors shall name it, such as `--port`. */
  readonly flag: string;
  readonly value: string;
}

/** The finished configuration, or everything that is wrong with it. */
export type LoadedConfig =
  | { readonly config: Config; readonly problems: readonly [] }
  | { readonly config: undefined; readonly problems: readonly Problem[] };

/** Reads and checks the configuration. Never throws: whatever is wrong is a problem, and all are found at once. */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const { cwd } = sources;
  const layers = [
    flagSettings(sources.defaults ?? [], cwd),
    await readConfigFile(sources.file, cwd),
    await readEnvironment(sources.env, cwd),
    flagSettings(sources.flags ?? [], cwd),
  ];
  const raw = new Map(layers.flatMap(({ settings }) => [...settings]));
  const checked = plainSettings(raw, cwd);
  const { config, problems } = assembleConfig(checked);
  const all = [
    ...layers.flatMap((layer) => layer.problems),
    ...checked.problems,
    ...problems,
    ...(await checkMachine(config, checked.origins)),
  ];
  return all.length === 0
    ? { config, problems: [] }
    : { config: undefined, problems: all.toSorted(byPlace) };
}

/** As one goes through the file to mend it; what is not in the file comes after, in the order in which it was found. */
function byPlace({ origin: a }: Problem, { origin: b }: Problem): number {
  if (a?.kind !== "file" || b?.kind !== "file") {
    return Number(b?.kind === "file") - Number(a?.kind === "file");
  }
  return a.line - b.line || a.column - b.column;
}

async function readConfigFile(file: string | undefined, cwd: string): Promise<RawSettings> {
  if (file === undefined) return { settings: new Map(), problems: [] };
  const path = resolve(cwd, file);
  try {
    const text = await readFile(path, "utf8");
    // A server without a file starts without the parser.
    const { readYaml } = await import("./read-yaml.ts");
    return readYaml(text, file, path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the configuration cannot be read: ${reason}`;
    return { settings: new Map(), problems: [{ origin: undefined, key: undefined, message }] };
  }
}

function flagSettings(flags: readonly FlagSetting[], cwd: string): RawSettings {
  const settings = new Map<SettingKey, RawSetting>();
  for (const { key, flag, value } of flags) {
    settings.set(key, { value, origin: { kind: "flag", name: flag }, base: cwd });
  }
  return { settings, problems: [] };
}
