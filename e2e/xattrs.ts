import { run } from "./command.ts";

/** Overlay keeps its own records in these; it hides them in what it shows. */
const OF_OVERLAY = /^(trusted|user)\.overlay\./;

/**
 * The extended attributes of a file tree, symlinks not followed.
 *
 * @returns by path (relative to `top`, latin1, `.` for the top itself): values in hex by name
 */
export async function readXattrs(top: string): Promise<Map<string, Map<string, string>>> {
  const flags = [
    "--recursive",
    "--physical",
    "--no-dereference",
    "--dump",
    "--match=-",
    "--encoding=hex",
  ];
  const dump = await run("getfattr", [...flags, "."], { cwd: top });
  const found = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of dump.split("\n")) {
    const path = /^# file: (.*)$/.exec(line)?.[1];
    if (path !== undefined) {
      current = new Map();
      found.set(unquote(path).replace(/^\.\//, ""), current);
      continue;
    }
    const equals = line.indexOf("=");
    const name = unquote(equals === -1 ? line : line.slice(0, equals));
    if (name !== "" && !OF_OVERLAY.test(name))
      current.set(name, equals === -1 ? "" : line.slice(equals + 1));
  }
  return found;
}

/** `getfattr` writes a line break or backslash in a name as `\ooo`. */
function unquote(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
