import { z } from "zod";
import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import type { Database } from "../database/database.ts";
import { addJob } from "../jobs/add-job.ts";
import { jobHandler } from "../jobs/job-handler.ts";
import type { JobHandler } from "../jobs/job-handler.ts";
import { findJobState } from "../jobs/job-state.ts";
import { findRegistrySize, putRegistrySize, sumBlobs } from "./registry-size-store.ts";

const KIND = "usage.registry";
const KEY = "registry";

/** What the blobs of the registry take, as last measured. */
export interface RegistrySize {
  readonly bytes: number;
  /** Milliseconds since 1970; undefined: never. */
  readonly measuredAt: number | undefined;
  readonly isQueued: boolean;
  readonly isRunning: boolean;
}

/** @throws {RegistryError} `DENIED` */
export async function getRegistrySize(
  { database: { read }, rights }: Administration,
  actor: Actor,
): Promise<RegistrySize> {
  await rights.require(actor, "superuser");
  const known = await findRegistrySize(read);
  return {
    bytes: known?.bytes ?? 0,
    measuredAt: known?.at,
    ...(await findJobState(read, { kind: KIND, key: KEY })),
  };
}

/** Has the size measured soon. @throws {RegistryError} `DENIED` */
export async function queueRegistrySize(
  { database, rights }: Administration,
  actor: Actor,
): Promise<void> {
  await rights.require(actor, "superuser");
  await database.transaction((trx) => addJob(trx, { kind: KIND, key: KEY, payload: {} }));
}

export function registrySizeJobs({
  database,
  now,
}: {
  readonly database: Database;
  readonly now: () => number;
}): readonly JobHandler[] {
  return [
    jobHandler({
      kind: KIND,
      payload: z.object({}),
      run: async (_payload, { signal }) => {
        const at = now();
        let bytes = 0;
        let last: string | undefined = "";
        while (last !== undefined) {
          signal.throwIfAborted();
          const page: { readonly bytes: number; readonly last: string | undefined } =
            await sumBlobs(database.read, last);
          bytes += page.bytes;
          last = page.last;
        }
        await database.transaction((trx) => putRegistrySize(trx, { bytes, at }));
      },
    }),
  ];
}
