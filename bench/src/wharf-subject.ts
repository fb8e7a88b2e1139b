import { join } from "node:path";

import { cloneRoot } from "./cache-root.ts";
import { shellWord } from "./subject.ts";
import type { Subject } from "./subject.ts";

/** `wharf` as a user starts it, on the Node that runs the benchmark. */
const WHARF = `${shellWord(process.execPath)} ${shellWord(join(cloneRoot, "packages", "cli", "bin", "wharf.mjs"))}`;

/**
 * `wharf squash` from a file or OCI folder to a docker-archive.
 *
 * @param flags further flags, such as `-from scratch`
 */
export function wharfSquash(name: string, input: string, output: string, flags = ""): Subject {
  const files = `-i ${shellWord(input)} -o ${shellWord(output)}`;
  return { name, kind: "wharf", script: `exec ${WHARF} squash ${files} ${flags}`, output };
}
