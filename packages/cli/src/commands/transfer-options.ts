import type { CommandContext } from "../command-context.ts";
import type { Progress } from "../output/progress.ts";
import type { TransportOptions } from "../transports/transport-options.ts";
import type { SourceOptions } from "./source-options.ts";

/** What every step of a run is given: limits, temporary folder, the signal that ends it, who is told of progress. */
export function transferOptions(
  { limits, insecure, tmpDir }: SourceOptions,
  { signal, env }: CommandContext,
  { onProgress }: Progress,
): TransportOptions {
  return { signal, env, onProgress, limits, insecure, tmpDir };
}
