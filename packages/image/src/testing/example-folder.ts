import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import {
  blobOf,
  configOf,
  dockerFiles,
  layoutFiles,
  manifestOf,
  tarOfFiles,
  writeFiles,
} from "./made-archive.ts";
import { ociLayerType } from "../document/media-types.ts";

/** The python image of the examples: a base, an update of a file, and an application that removes one. */
const layers = [
  { "etc/os-release": "Debian", "usr/lib/python.o": Buffer.alloc(20_000, "code") },
  { "etc/os-release": "Debian with updates" },
  { "usr/lib/.wh.python.o": "", "app/main.py": "print()" },
].map(tarOfFiles);
const commands = ["/bin/sh -c #(nop) ADD file:1 in /", "/bin/sh -c apt-get upgrade", "COPY . /app"];
const config = configOf(layers, { history: commands.map((text) => ({ created_by: text })) });

/** For tests: fills a folder with what the examples of the doc comments read. */
export async function fillExampleFolder(folder: string): Promise<void> {
  await writeFile(join(folder, "layer.tar.gz"), gzipSync(layers[0] ?? ""));
  const archive = tarOfFiles(dockerFiles(layers, ["python:2.7.11"], config));
  await writeFile(join(folder, "python.tar"), archive);
  const blobs = manifestOf(
    layers.map((layer) => blobOf(gzipSync(layer), ociLayerType("gzip"))),
    config,
  );
  const annotations = { "org.opencontainers.image.ref.name": "2.7.11" };
  const files = layoutFiles(blobs, [{ ...blobs.at(-1)?.descriptor, annotations }]);
  await writeFiles(join(folder, "layout"), files);
}
