import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { findVariable, nearVariables } from "./find-variable.ts";
import { nearestName } from "./nearest-name.ts";
import { variableOf } from "./option.ts";
import type { Problem } from "./problem.ts";
import type { RawSetting, RawSettings } from "./raw-settings.ts";
import type { SettingKey } from "./setting-key.ts";

/** Variables that are about the command and not about the server. */
const OTHER_VARIABLES = new Set(["WHARF_CONFIG"]);
const OTHER_PREFIX = "WHARF_TEST_";

/**
 * Reads `WHARF_*`. An empty variable says nothing, as a variable that is not there. `<variable>_FILE` of a secret names
 * a file that holds it; one line break at its end does not belong to it.
 *
 * @param cwd absolute; relative paths start there
 */
export async function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<RawSettings> {
  const settings = new Map<SettingKey, RawSetting>();
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === "" || !isOurs(name, value)) continue;
    const origin = { kind: "variable", name } as const;
    const found = findVariable(name);
    if (found === undefined) {
      problems.push({
        origin,
        key: undefined,
        message: `this variable is not known${guess(name)}`,
      });
      continue;
    }
    const { key, isFile } = found;
    if (settings.has(key)) {
      const message = `is given twice: ${variableOf(key)} and ${variableOf(key)}_FILE`;
      problems.push({ origin, key, message });
    } else if (!isFile) {
      settings.set(key, { value, origin, base: cwd });
    } else {
      try {
        settings.set(key, { value: await secretIn(resolve(cwd, value)), origin, base: cwd });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        problems.push({ origin, key, message: `cannot be read: ${reason}` });
      }
    }
  }
  return { settings, problems };
}

async function secretIn(path: string): Promise<string> {
  const text = await readFile(path, "utf8");
  return text.replace(/\r?\n$/, "");
}

/** Kubernetes adds addresses for a service that happens to be called wharf: `WHARF_PORT=tcp://10.0.0.1:5000`. */
function isOurs(name: string, value: string): boolean {
  if (!name.startsWith("WHARF_") || name.startsWith(OTHER_PREFIX)) return false;
  if (OTHER_VARIABLES.has(name)) return false;
  if (/^(?:tcp|udp|sctp):\/\//.test(value)) return false;
  return !/_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/.test(name);
}

function guess(name: string): string {
  const near = nearestName(name, nearVariables(name));
  return near === undefined
    ? "; docs/configuration.md lists all of them"
    : `; did you mean ${near}?`;
}
