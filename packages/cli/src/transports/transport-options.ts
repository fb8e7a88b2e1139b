import type { Limits, OnProgress } from "@wharf/image";

import type { Environment } from "./environment.ts";

/** What reading and writing an image have in common, wherever it lives. */
export interface TransportOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly limits?: Limits | undefined;
  /** Where spooled data lies; default the system's folder for temporary files. */
  readonly tmpDir?: string | undefined;
  /** Allows registries plain http and certificates that cannot be verified. */
  readonly insecure?: boolean | undefined;
  /** `DOCKER_HOST`, `DOCKER_CONFIG`, proxies and so on; default the process's. */
  readonly env?: Environment | undefined;
}
