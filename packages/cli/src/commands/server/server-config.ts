import { loadConfig, problemText } from "@wharf/registry";
import type { Config, FlagSetting, LoadedConfig } from "@wharf/registry";

import type { CommandContext } from "../../command-context.ts";
import type { ParsedFlags } from "../../parse-flags.ts";
import { ConfigurationError } from "./configuration-error.ts";

/** Keys that have a flag of their own. */
const FLAG_KEYS = [
  { name: "data", key: "data" },
  { name: "address", key: "server.address" },
  { name: "port", key: "server.port" },
] as const;

/** Reads the configuration that the flags and the environment point to, with everything that is wrong with it. */
export async function readServerConfig(
  flags: ParsedFlags,
  context: CommandContext,
): Promise<LoadedConfig> {
  const given: FlagSetting[] = FLAG_KEYS.flatMap(({ name, key }) => {
    const value = flags.value(name);
    return value === undefined ? [] : [{ key, flag: `--${name}`, value }];
  });
  return await loadConfig({
    file: flags.value("config") ?? context.env["WHARF_CONFIG"],
    env: context.env,
    cwd: process.cwd(),
    flags: given,
    // A person who watches reads text more easily.
    defaults: context.isTerminal(1) ? [{ key: "log.format", flag: "terminal", value: "text" }] : [],
  });
}

/** As {@link readServerConfig}. @throws {ConfigurationError} when anything is wrong */
export async function serverConfig(flags: ParsedFlags, context: CommandContext): Promise<Config> {
  const { config, problems } = await readServerConfig(flags, context);
  if (config === undefined) {
    throw new ConfigurationError(problems.map((problem) => problemText(problem)));
  }
  return config;
}
