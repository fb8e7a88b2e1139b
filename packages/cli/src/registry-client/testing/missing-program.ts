import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The reason to skip a test that needs a program, or false when it is installed. */
export function missingProgram(name: string): string | false {
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat("/usr/sbin", "/sbin");
  return folders.some((folder) => isProgram(join(folder, name)))
    ? false
    : `${name} is not installed`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
