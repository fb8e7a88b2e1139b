import { DEFAULT_LIMITS } from "@wharf/image";
import type { Limits } from "@wharf/image";

import type { ParsedFlags } from "../parse-flags.ts";
import { parseSize } from "../parse-size.ts";
import { oneOf } from "./one-of.ts";

/** The flags of every command that reads an image, checked. */
export interface SourceOptions {
  /** `os/arch[/variant]`, or `all`. */
  readonly platform: string | undefined;
  readonly progress: "auto" | "plain" | "none";
  readonly verbose: boolean;
  readonly json: boolean;
  readonly insecure: boolean;
  readonly tmpDir: string | undefined;
  readonly limits: Limits;
}

/** @throws {UsageError} when a value is not one of those the help lists */
export function sourceOptions(flags: ParsedFlags): SourceOptions {
  const maxLayerSize = flags.value("max-layer-size");
  return {
    platform: flags.value("platform"),
    progress: oneOf(flags, "progress", ["auto", "plain", "none"]) ?? "auto",
    verbose: flags.on("verbose"),
    json: flags.on("json"),
    insecure: flags.on("insecure"),
    tmpDir: flags.value("tmp-dir"),
    limits:
      maxLayerSize === undefined
        ? DEFAULT_LIMITS
        : { ...DEFAULT_LIMITS, layerBytes: parseSize(maxLayerSize, "--max-layer-size") },
  };
}
