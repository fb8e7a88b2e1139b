import { join } from "node:path";

import { shellWord } from "./subject.ts";
import type { Subject } from "./subject.ts";

/** Names of the limits, for the goals that are told in them. */
export const LIMIT = {
  gunzip: "gzip -dc of all layers, one after the other",
  digest: "openssl dgst -sha256 of the result",
  copy: "cp of the result",
  copySync: "cp of the result, then fsync",
} as const;

/**
 * What nobody can leave out: inflate the input, hash the output, write the output.
 *
 * @param gzipLayers files of the compressed layers
 * @param result a file as large as the squashed image
 * @param folder an existing folder on the disk that the subjects write to
 */
export function limitSubjects(
  gzipLayers: readonly string[],
  result: string,
  folder: string,
): Subject[] {
  const copy = join(folder, "copy.tar");
  const toCopy = `cp ${shellWord(result)} ${shellWord(copy)}`;
  const layers = gzipLayers.map(shellWord).join(" ");
  return [
    {
      name: LIMIT.gunzip,
      kind: "limit",
      script: `for layer in ${layers}; do gzip -dc "$layer" >/dev/null; done`,
    },
    {
      name: LIMIT.digest,
      kind: "limit",
      script: `exec openssl dgst -sha256 ${shellWord(result)} >/dev/null`,
    },
    { name: LIMIT.copy, kind: "limit", script: `exec ${toCopy}`, output: copy },
    {
      name: LIMIT.copySync,
      kind: "limit",
      script: `${toCopy}; sync ${shellWord(copy)}`,
      output: copy,
    },
  ];
}
