import { rm } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "../cache-root.ts";
import { runTool } from "../run-tool.ts";
import type { Server } from "../servers/server.ts";
import type { Work } from "./figure.ts";
import { IMAGE_TEXT, TAG, writeRandomImage } from "./random-image.ts";
import type { RegistryCase } from "./registry-case.ts";

const SOURCE = join(cacheRoot, "copy-source");
const TARGET = join(cacheRoot, "copy-target");
/** The round that the source was made for. */
let sourceOf: number | undefined;

/** `skopeo copy` of a new image to the server, and back into an OCI folder; skopeo hashes everything itself. */
export const copyCases: readonly RegistryCase[] = [
  {
    name: `skopeo copy to the server, ${IMAGE_TEXT}`,
    unit: "copies",
    async run(server, _fixture, round) {
      if (sourceOf !== round) await writeRandomImage(SOURCE);
      sourceOf = round;
      const login = loginOf(server, "dest");
      return await timed([...login, `oci:${SOURCE}:${TAG}`, placeOf(server, round)]);
    },
  },
  {
    name: `skopeo copy from the server, ${IMAGE_TEXT}`,
    unit: "copies",
    async run(server, _fixture, round) {
      await rm(TARGET, { recursive: true, force: true });
      const login = loginOf(server, "src");
      const work = await timed([...login, placeOf(server, round), `oci:${TARGET}:${TAG}`]);
      await rm(TARGET, { recursive: true, force: true });
      return work;
    },
  },
];

function placeOf({ host }: Server, round: number): string {
  return `docker://${host}/admin/copied-${round}:${TAG}`;
}

function loginOf({ credentials }: Server, side: "src" | "dest"): string[] {
  const login =
    credentials === undefined ? [`--${side}-no-creds`] : [`--${side}-creds`, credentials];
  return [`--${side}-tls-verify=false`, ...login];
}

async function timed(args: readonly string[]): Promise<Work> {
  const began = performance.now();
  await runTool("skopeo", ["--insecure-policy", "copy", "--quiet", ...args]);
  return { amount: 1, seconds: (performance.now() - began) / 1000 };
}
