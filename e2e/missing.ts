import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Why tests cannot run here, for the `skip` option of node:test; false when they can.
 *
 * @param commands what they need in the search path; the first that is not there is named
 */
export function missing(...commands: readonly string[]): string | false {
  if (process.platform !== "linux") return "the end-to-end tests need Linux";
  const absent = commands.find((command) => !isInstalled(command));
  if (absent !== undefined) return `${absent} is not installed`;
  return process.getuid?.() === 0
    ? false
    : "the end-to-end tests need root (to mount and to make devices)";
}

function isInstalled(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
