import { writeDockerArchive } from "@wharf/image";

import { buildStepsImage } from "../demo/build-steps-image.ts";
import type { BuildStep } from "../demo/build-steps-image.ts";
import type { DemoEntry } from "../demo/demo-entry.ts";
import { fileSink } from "../demo/file-sink.ts";

/** Three layers: a base, a step that adds 200 kB of cache and a program, a step that deletes the one and changes the other. */
export const SAMPLE_STEPS: readonly BuildStep[] = [
  {
    createdBy: "/bin/sh -c #(nop) ADD file:0123 in / ",
    entries: [directory("etc"), text("etc/os-release", "ID=sample\n"), directory("var")],
  },
  {
    createdBy: "RUN /bin/sh -c make install # buildkit",
    entries: [
      directory("app"),
      text("app/program", "one"),
      directory("var/cache"),
      text("var/cache/blob", "x".repeat(200_000)),
    ],
  },
  {
    createdBy: "RUN /bin/sh -c make update clean # buildkit",
    entries: [text("app/program", "two"), { kind: "deletion", path: "var/cache" }],
  },
];

/** One image of a {@link sampleArchive}. */
export interface SampleImage {
  readonly names: readonly string[];
  readonly steps: readonly BuildStep[];
}

/** Writes a docker-archive; by default one image of {@link SAMPLE_STEPS}, called `sample:1`. */
export async function sampleArchive(
  path: string,
  images: readonly SampleImage[] = [{ names: ["sample:1"], steps: SAMPLE_STEPS }],
): Promise<string> {
  await using sink = await fileSink(path);
  await writeDockerArchive(
    images.map(({ names, steps }) => buildStepsImage(names, steps)),
    sink.write,
  );
  return path;
}

export function directory(path: string): DemoEntry {
  return { kind: "directory", path };
}

export function text(path: string, content: string): DemoEntry {
  return { kind: "text", path, text: content };
}
