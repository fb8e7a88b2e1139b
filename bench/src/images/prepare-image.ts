import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "../cache-root.ts";
import type { BenchImage } from "./bench-image.ts";
import { catalogue } from "./catalogue.ts";
import { packDockerArchive } from "./pack-docker-archive.ts";
import { packOciLayout } from "./pack-oci-layout.ts";

const TAG = "1";

/**
 * Gives an image of the catalogue, made on first use and kept in the cache folder.
 *
 * @param say told what is being made, since that takes minutes
 */
export async function prepareImage(name: string, say: (line: string) => void): Promise<BenchImage> {
  const recipe = catalogue.get(name);
  if (recipe === undefined) {
    throw new Error(`no image ${name}; there are ${[...catalogue.keys()].join(", ")}`);
  }
  const directory = join(cacheRoot, "images", name);
  const facts = join(directory, "image.json");
  if (!existsSync(facts)) {
    say(`making image ${name}`);
    const temporary = `${directory}.tmp`;
    const scratch = `${directory}.build`;
    for (const folder of [temporary, scratch]) {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
    }
    const { config, layers } = await recipe.make(scratch);
    const id = await packDockerArchive(
      join(temporary, "docker.tar"),
      `localhost/${name}:${TAG}`,
      config,
      layers,
    );
    if (recipe.withOci) await packOciLayout(join(temporary, "oci"), TAG, config, layers);
    const known = { id, layers: layers.map(({ size, entries }) => ({ bytes: size, entries })) };
    await writeFile(join(temporary, "image.json"), JSON.stringify(known, undefined, 2));
    await rm(directory, { recursive: true, force: true });
    await rename(temporary, directory);
    await rm(scratch, { recursive: true, force: true });
  }
  // Written by the lines above.
  const known = JSON.parse(await readFile(facts, "utf8")) as Pick<BenchImage, "id" | "layers">;
  const oci = recipe.withOci ? join(directory, "oci") : undefined;
  const gzipLayers = oci === undefined ? [] : await layerFiles(oci);
  return {
    name,
    reference: TAG,
    archive: join(directory, "docker.tar"),
    oci,
    gzipLayers,
    ...known,
  };
}

async function layerFiles(oci: string): Promise<string[]> {
  const blob = (digest: string): string =>
    join(oci, "blobs", "sha256", digest.slice("sha256:".length));
  // Written by packOciLayout.
  const index = JSON.parse(await readFile(join(oci, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  const [first] = index.manifests;
  if (first === undefined) throw new Error(`${oci} lists no image`);
  const manifest = JSON.parse(await readFile(blob(first.digest), "utf8")) as {
    layers: { digest: string }[];
  };
  return manifest.layers.map(({ digest }) => blob(digest));
}
