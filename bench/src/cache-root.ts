import { join } from "node:path";

/** The top folder of the clone. */
export const cloneRoot = join(import.meta.dirname, "..", "..");

/** Where images and outputs of the benchmark live; git-ignored, may be deleted at any time. */
export const cacheRoot = join(cloneRoot, ".cache", "bench");
