import { z } from "zod";
import { directoryJobs } from "./accounts/external/ldap/directory-jobs.ts";
import { auditJobs } from "./audit/audit-jobs.ts";
import { auditWriter } from "./audit/write-deeds.ts";
import type { RegistryContext } from "./context.ts";
import { EventDispatcher } from "./events/event-dispatcher.ts";
import type { CollectionReport } from "./garbage/collection-report.ts";
import { CollectionRunningError, GarbageCollector } from "./garbage/garbage-collector.ts";
import { jobHandler } from "./jobs/job-handler.ts";
import type { JobHandler } from "./jobs/job-handler.ts";
import { JobRunner } from "./jobs/job-runner.ts";
import type { JobEnd } from "./jobs/job-runner.ts";
import type { CollectedFacts } from "./metrics.ts";
import {
  describeJobs,
  describeListeners,
  describeOldManifests,
} from "./repositories/manifests/describe-jobs.ts";
import { pushTimeJob, pushTimeWriter } from "./repositories/manifests/push-times.ts";
import { measureAfterCollection } from "./quotas/measure-after-collection.ts";
import { usageJobs, usageListeners } from "./quotas/measure-usage.ts";
import { registrySizeJobs } from "./quotas/registry-size.ts";
import { purgeJobs } from "./repositories/deleted/purge-repository.ts";
import { pruneJobs, pruneListeners } from "./repositories/policies/prune-jobs.ts";
import { expireJob } from "./repositories/tags/expire-tags.ts";
import { mailJobs, mailListeners } from "./mail/mail-jobs.ts";
import { squashJobs, squashListeners } from "./squash/squash-jobs.ts";
import type { Squash } from "./squash/squash.ts";

/** What a server does without being asked: listens to events, runs jobs, collects garbage. */
export class BackgroundWork implements AsyncDisposable {
  readonly #context: RegistryContext;
  readonly #dispatcher: EventDispatcher;
  readonly #runner: JobRunner;
  readonly #mailRunner: JobRunner;
  #looking: Promise<void> = Promise.resolve();

  constructor(context: RegistryContext, squash: Squash) {
    const { database, config, log } = context;
    this.#context = context;
    const onError = (error: unknown): void => {
      log.error("the database cannot be asked for work", { error: asError(error) });
    };
    this.#dispatcher = new EventDispatcher({
      database,
      listeners: [
        ...squashListeners,
        ...mailListeners,
        ...describeListeners,
        ...pruneListeners,
        ...usageListeners(config.registry.usageInterval),
      ],
      writers: [auditWriter(config.audit), pushTimeWriter(context)],
      onError,
    });
    this.#runner = new JobRunner({
      database,
      handlers: [
        ...squashJobs(context, squash),
        ...auditJobs(context),
        ...describeJobs(context),
        pushTimeJob(context),
        ...pruneJobs(context),
        expireJob(context),
        ...usageJobs(context, config.registry.usageInterval),
        ...registrySizeJobs(context),
        ...directoryJobs(context),
        ...purgeJobs(context),
        ...this.#collection(),
      ],
      concurrency: 2,
      onError,
      onEnd: (end) => this.#ended(end),
    });
    // A mail waits for nothing but mails: somebody sits before their screen for it.
    this.#mailRunner = new JobRunner({
      database,
      handlers: mailJobs(context),
      concurrency: 2,
      onError,
      onEnd: (end) => this.#ended(end),
    });
    context.metrics.gauge("jobsWaiting", () => this.#runner.waiting());
  }

  /** To be called once. */
  start(): void {
    this.#dispatcher.start();
    this.#runner.start();
    this.#mailRunner.start();
    this.#looking = describeOldManifests(this.#context).catch((error: unknown) => {
      this.#context.log.error("manifests that nobody has described were not found", {
        error: asError(error),
      });
    });
  }

  #collection(): JobHandler[] {
    const { database, store, config, log, metrics, now } = this.#context;
    const { interval } = config.collection;
    if (interval === 0) return [];
    const collector = new GarbageCollector({
      database,
      store,
      config,
      log,
      now,
      onReport: (report) => metrics.collection(collectedFacts(report)),
    });
    return [
      jobHandler({
        kind: "garbage.collect",
        payload: z.object({}),
        every: { milliseconds: interval, payload: {} },
        run: async (_payload, { signal }) => {
          try {
            await collector.collect({ signal });
            await measureAfterCollection(database);
          } catch (error) {
            if (error instanceof CollectionRunningError) return;
            metrics.collectionFailed();
            throw error;
          }
        },
      }),
    ];
  }

  #ended({ kind, key, outcome, attempt, milliseconds, error }: JobEnd): void {
    const { metrics, log } = this.#context;
    if (outcome === "done") metrics.job(kind, "done", milliseconds);
    else if (outcome === "retry") metrics.job(kind, "retried", milliseconds);
    else if (outcome === "dead") metrics.job(kind, "dead", milliseconds);
    if (outcome !== "retry" && outcome !== "dead") return;
    const about = { job: kind, key, attempt, error: asError(error) };
    if (outcome === "dead") log.error("a job has failed for good", about);
    else log.warn("a job has failed and will be tried again", about);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#looking;
    await this.#dispatcher[Symbol.asyncDispose]();
    await Promise.all([
      this.#runner[Symbol.asyncDispose](),
      this.#mailRunner[Symbol.asyncDispose](),
    ]);
  }
}

function collectedFacts({ startedAt, finishedAt, taken, bytes }: CollectionReport): CollectedFacts {
  const counts = Object.entries(taken).map(([kind, { count }]): [string, number] => [kind, count]);
  return { duration: finishedAt - startedAt, bytes, taken: Object.fromEntries(counts) };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
