import { rm } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "../cache-root.ts";
import type { BenchImage } from "../images/bench-image.ts";
import { runTool } from "../run-tool.ts";
import type { Server } from "../servers/server.ts";
import type { RegistryCase } from "./registry-case.ts";

/** `skopeo copy` of an image to a new repository and back into an OCI folder; skopeo hashes everything itself. */
export function copyCases(image: BenchImage): RegistryCase[] {
  const folder = join(cacheRoot, "copied");
  const copied = (server: Server, round: number): string =>
    `docker://${server.host}/admin/copied-${round}:1`;
  const timed = async (args: readonly string[]): Promise<{ amount: number; seconds: number }> => {
    const began = performance.now();
    await runTool("skopeo", ["--insecure-policy", "copy", "--quiet", ...args]);
    return { amount: 1, seconds: (performance.now() - began) / 1000 };
  };
  return [
    {
      name: `skopeo copy of ${image.name} to the server`,
      unit: "copies",
      async run(server, _fixture, round) {
        const login =
          server.credentials === undefined ? ["--dest-no-creds"] : ["--dest-creds", server.credentials];
        return await timed([
          "--dest-tls-verify=false",
          ...login,
          `oci:${image.oci}:${image.reference}`,
          copied(server, round),
        ]);
      },
    },
    {
      name: `skopeo copy of ${image.name} from the server`,
      unit: "copies",
      async run(server, _fixture, round) {
        await rm(folder, { recursive: true, force: true });
        const login =
          server.credentials === undefined ? ["--src-no-creds"] : ["--src-creds", server.credentials];
        const work = await timed(["--src-tls-verify=false", ...login, copied(server, round), `oci:${folder}:1`]);
        await rm(folder, { recursive: true, force: true });
        return work;
      },
    },
  ];
}
