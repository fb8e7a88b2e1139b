import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

import { runTool } from "./run-tool.ts";
import { shellWord } from "./subject.ts";

/** Every path with type, mode, owner, link count, size and link text; sizes of folders are the file system's own affair. */
const LIST =
  "find . -type d -printf '%P %y %m %U:%G\\0' -o -printf '%P %y %m %U:%G %n %s %l\\0' | LC_ALL=C sort -z | tr '\\n\\0' '?\\n'";

/**
 * Checks that a squashed image holds what umoci extracts from the source; the time of a wrong result says nothing. Needs root.
 *
 * @param oci folder and tag of the source
 * @param archive the squashed image, a docker-archive with one layer
 * @param folder an existing folder to extract into
 * @throws with the first differences
 */
export async function checkSameTree(oci: string, archive: string, folder: string): Promise<void> {
  const scratch = await mkdtemp(join(folder, "check-"));
  try {
    const script = `
      umoci unpack --image ${shellWord(oci)} bundle >/dev/null
      mkdir squashed
      layer=$(tar --extract --to-stdout --file ${shellWord(archive)} manifest.json | jq -r '.[0].Layers[]')
      tar --extract --to-stdout --file ${shellWord(archive)} "$layer" | tar --extract --numeric-owner --same-permissions --directory squashed
      (cd bundle/rootfs; ${LIST}) >wanted
      (cd squashed; ${LIST}) >found
      diff wanted found >difference || true
      head -20 difference`;
    const difference = await runTool("sh", ["-e", "-c", script], { cwd: scratch });
    if (difference !== "")
      throw new Error(`${archive} is not what umoci extracts from ${oci}:\n${difference}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
