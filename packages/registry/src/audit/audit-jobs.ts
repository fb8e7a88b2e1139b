import type { RegistryContext } from "../context.ts";
import type { JobHandler } from "../jobs/job-handler.ts";
import { exportJobs } from "./export/export-job.ts";
import { retentionJob } from "./retention/retention-job.ts";
import { auditWriteJob } from "./write-deeds.ts";

/** What the audit log does in the background. */
export function auditJobs(context: RegistryContext): JobHandler[] {
  const { database, config } = context;
  return [auditWriteJob(database, config.audit), ...exportJobs(context), retentionJob(context)];
}
