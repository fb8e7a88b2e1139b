import { z } from "zod";
import type { RegistryContext } from "../../../context.ts";
import { jobHandler } from "../../../jobs/job-handler.ts";
import type { JobHandler } from "../../../jobs/job-handler.ts";
import { DIRECTORY_SYNC } from "./directory-sync-job.ts";
import { syncDirectory } from "./sync-directory.ts";

/** Looks at the directory again and again; nothing without one. */
export function directoryJobs({ accounts, log }: RegistryContext): JobHandler[] {
  const { external, administration } = accounts;
  const { directory } = external;
  if (directory === undefined) return [];
  return [
    jobHandler({
      kind: DIRECTORY_SYNC,
      payload: z.object({}),
      every: { milliseconds: directory.config.syncInterval, payload: {} },
      run: (_payload, { signal }) => syncDirectory(administration, directory, log, signal),
    }),
  ];
}
