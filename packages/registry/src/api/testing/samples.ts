import type { Samples } from "./sample.ts";
import { discoverySamples } from "./samples/discovery.ts";

/** One request for every endpoint there is. */
export const SAMPLES: Samples = { ...discoverySamples };
