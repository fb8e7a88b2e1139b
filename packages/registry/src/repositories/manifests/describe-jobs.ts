import { hash } from "node:crypto";
import type { Digest } from "@wharf/image";
import { z } from "zod";
import { REGISTRY } from "../../audit/performer.ts";
import { on } from "../../events/event-listener.ts";
import type { EventListener } from "../../events/event-listener.ts";
import { addJob } from "../../jobs/add-job.ts";
import type { NewJob } from "../../jobs/add-job.ts";
import { jobHandler } from "../../jobs/job-handler.ts";
import type { JobHandler } from "../../jobs/job-handler.ts";
import { StorageError } from "../../storage/blob-store.ts";
import { findManifest } from "../manifest-store.ts";
import { findRepositoryById } from "../repository-store.ts";
import { applyLabels } from "./apply-labels.ts";
import type { RegistryContext } from "../../context.ts";
import { describeManifest } from "./describe-manifest.ts";
import {
  findActingLabels,
  findDescription,
  findUndescribed,
  saveDescription,
} from "./description-store.ts";
import type { UndescribedManifest } from "./description-store.ts";

const DESCRIBE = "manifest.describe";
const APPLY = "manifest.apply-labels";

/** One job describes whatever waits, so that a burst of pushes makes one, not one each. */
const DESCRIBE_ALL: NewJob = { kind: DESCRIBE, key: "all", payload: {} };

type Context = Pick<RegistryContext, "database" | "store" | "now" | "log">;

/** After a push: a new manifest is described, tags are changed by the labels of one that was pushed again. */
export const describeListeners: readonly EventListener[] = [
  on("manifest.pushed", async ({ repositoryId, digest, tags, audit }, trx) => {
    const description = await findDescription(trx, repositoryId, digest);
    if (description === undefined) return undefined;
    if (description.describedAt === null) return DESCRIBE_ALL;
    if (description.acts === 0 || tags.length === 0) return undefined;
    const names = hash("sha256", tags.join(" "), "hex");
    return {
      kind: APPLY,
      key: `${repositoryId} ${digest} ${names}`,
      payload: { repositoryId, digest, tags, ...(audit === undefined ? {} : { at: audit.at }) },
    };
  }),
];

/** Sees to manifests of a version that did not describe any. To be called once, at the start. */
export async function describeOldManifests({ database }: Context): Promise<void> {
  if ((await findUndescribed(database.read, 1)).length === 0) return;
  await database.transaction((trx) => addJob(trx, DESCRIBE_ALL));
}

/** Manifests described by one run, at the same time, and the pause before the next run in milliseconds. */
const BATCH = 200;
const AT_ONCE = 4;
const PAUSE = 1_000;

export function describeJobs(context: Context): JobHandler[] {
  const { database, now } = context;
  return [
    jobHandler({
      kind: DESCRIBE,
      payload: z.object({}),
      run: async (_payload, { signal }) => {
        const waiting = await findUndescribed(database.read, BATCH);
        for (let at = 0; at < waiting.length && !signal.aborted; at += AT_ONCE) {
          const some = waiting.slice(at, at + AT_ONCE);
          const ends = await Promise.allSettled(some.map((one) => describe(context, one)));
          const failed = ends.find((end) => end.status === "rejected");
          if (failed !== undefined) throw failed.reason;
        }
        if (waiting.length < BATCH) return;
        const next = { ...DESCRIBE_ALL, runAt: Date.now() + PAUSE };
        await database.transaction((trx) => addJob(trx, next));
      },
    }),
    jobHandler({
      kind: APPLY,
      payload: z.object({
        repositoryId: z.number(),
        digest: z.string(),
        tags: z.array(z.string()),
        /** When it was pushed: from then on its tags expire, however late this runs. */
        at: z.number().optional(),
      }),
      run: async ({ repositoryId, digest: text, tags, at = now() }) => {
        const repository = await findRepositoryById(database.read, repositoryId);
        if (repository === undefined) return;
        const digest = text as Digest; // recordEvent wrote nothing else
        await database.transaction(async (trx) => {
          const labels = await findActingLabels(trx, repositoryId, [digest]);
          await applyLabels(trx, repository, { digest, labels, tags, actor: REGISTRY }, at);
        });
      },
    }),
  ];
}

/** One that cannot be described must not keep all others waiting; a store that is away is asked again. */
async function describe(
  context: Context,
  { repositoryId, digest: text }: UndescribedManifest,
): Promise<void> {
  const { database, log, now } = context;
  const digest = text as Digest; // only digests are ever stored
  const repository = await findRepositoryById(database.read, repositoryId);
  const manifest = await findManifest(database.read, repositoryId, digest);
  if (repository === undefined || manifest === undefined) return;
  try {
    await describeManifest(context, repository, manifest);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    log.error("a manifest could not be described", {
      repository: repository.name,
      digest,
      error: error instanceof Error ? error : String(error),
    });
    const nothing = { platform: undefined, configDigest: undefined };
    await database.transaction((trx) => saveDescription(trx, repositoryId, digest, nothing, now()));
  }
}
