import type { OutputImage } from "@wharf/image";

import type { DemoEntry } from "./demo-entry.ts";
import { demoLayer } from "./demo-layer.ts";

/** One step of a build: a layer and the command that is said to have made it. */
export interface BuildStep {
  readonly createdBy: string;
  readonly entries: readonly DemoEntry[];
}

/** What an image runs (image-spec `config.md`, `config`). */
export interface RunConfig {
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly Cmd?: readonly string[];
}

/** A day that never changes, so that the image is the same every time. */
const CREATED = "2026-01-01T00:00:00Z";

/** Makes an image of one layer for each step, in the form in which the library writes images. */
export function buildStepsImage(
  names: readonly string[],
  steps: readonly BuildStep[],
  config: RunConfig = {},
  architecture: string = process.arch === "x64" ? "amd64" : process.arch,
): OutputImage {
  return {
    names,
    platform: { os: "linux", architecture },
    layers: steps.map(({ entries }) => demoLayer(entries)),
    config: (diffIds) =>
      Buffer.from(
        JSON.stringify({
          architecture,
          os: "linux",
          created: CREATED,
          config,
          rootfs: { type: "layers", diff_ids: diffIds },
          history: steps.map(({ createdBy }) => ({
            created: CREATED,
            created_by: createdBy,
            comment: "buildkit.dockerfile.v0",
          })),
        }),
      ),
  };
}
