import { existsSync } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { runTool } from "../run-tool.ts";
import type { ImageConfig } from "./image-config.ts";
import type { LayerSource } from "./layer-source.ts";
import { storedLayers } from "./stored-layers.ts";

const RECIPE = join(import.meta.dirname, "python");
const NAME = "localhost/python-shape:1";

/**
 * Builds the image that `python/Containerfile` describes with mmdebstrap and buildah; needs root and a Debian mirror.
 * The host's apt configuration is mounted during the build, so none of it gets into the image.
 *
 * @param directory an empty folder for the build; the returned layers read from it, so it has to stay until they are packed
 */
export async function pythonImage(
  directory: string,
): Promise<{ config: ImageConfig; layers: LayerSource[] }> {
  const context = join(directory, "context");
  const root = join(directory, "root");
  const run = join(directory, "run");
  const plain = join(directory, "plain");
  await mkdir(context);
  await copyFile(join(RECIPE, "Containerfile"), join(context, "Containerfile"));
  await runTool("mmdebstrap", [
    "--variant=minbase",
    "--mode=root",
    "--components=main",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    // The image names Debian's own mirror, whatever mirror this host uses.
    `--customize-hook=rm -rf "$1"/etc/apt/sources.list.d/*; echo "deb http://deb.debian.org/debian bookworm main" > "$1/etc/apt/sources.list"`,
    "bookworm",
    join(context, "base.tar"),
    ...hostSources(),
  ]);
  const store = ["--root", root, "--runroot", run, "--storage-driver", "overlay"];
  try {
    // --no-cache: buildah can't see that a script under /mnt/steps has changed.
    const how = ["--isolation", "chroot", "--layers", "--no-cache", "--format", "oci"];
    const mounts = ["--volume", "/etc/apt:/etc/apt:ro", "--volume", `${RECIPE}:/mnt/steps:ro`];
    const what = ["--tag", NAME, "--file", join(context, "Containerfile"), context];
    await runTool("buildah", [...store, "bud", ...how, ...mounts, ...what]);
    const from = `containers-storage:[overlay@${root}+${run}]${NAME}`;
    await runTool("skopeo", [
      "copy",
      "--quiet",
      "--insecure-policy",
      "--dest-decompress",
      from,
      `dir:${plain}`,
    ]);
  } finally {
    // Also ends the mount that buildah keeps on its store; with it the folder could not be deleted.
    await runTool("buildah", [...store, "rmi", "--all", "--force"]);
  }
  await rm(context, { recursive: true });
  return storedLayers(plain);
}

/** Where this host gets Debian from; nothing: mmdebstrap's default. */
function hostSources(): string[] {
  return ["/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources"].filter((path) =>
    existsSync(path),
  );
}
