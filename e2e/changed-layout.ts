import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { baseImage } from "./base-image.ts";
import { CHANGE_SCRIPTS } from "./changed-image.ts";
import { shell } from "./command.ts";

const MAKE = join(import.meta.dirname, "make-layout.sh");

/**
 * The base with all changes as an OCI layout that umoci made, gzip layers; the tag of each state is the
 * name of its last script without `.sh`. Kept between runs until a script changes; safe to call from several processes.
 *
 * @returns the path of the folder; not to be changed
 */
export async function changedLayout(): Promise<string> {
  const base = await baseImage();
  const scripts = CHANGE_SCRIPTS.map((name) => join(import.meta.dirname, "changes", name));
  const hash = createHash("sha256").update(base);
  for (const path of [MAKE, ...scripts]) hash.update(await readFile(path));
  const layout = join(dirname(base), `layout-${hash.digest("hex").slice(0, 12)}`);
  const line = `exec 9>"$1.lock"; flock 9; test -d "$1" || bash "$2" "$3" "$1" "\${@:4}"`;
  await shell(line, [layout, MAKE, base, ...scripts]);
  return layout;
}
