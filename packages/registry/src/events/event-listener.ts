import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { NewJob } from "../jobs/add-job.ts";
import type { EventKind, EventPayloads } from "./event.ts";

/** Tells the job that an event asks for, if any; may ask the database whether there is anything to do. */
export type JobOf<Payload> = (
  payload: Payload,
  trx: Transaction<Tables>,
) => NewJob | undefined | Promise<NewJob | undefined>;

/** Turns the events of one kind into jobs. */
export interface EventListener {
  readonly event: string;
  readonly jobOf: JobOf<unknown>;
}

/**
 * @example
 * on("manifest.pushed", ({ repositoryId, digest }) => ({
 *   kind: "manifest.index",
 *   key: digest,
 *   payload: { repositoryId, digest },
 * }));
 */
export function on<K extends EventKind>(event: K, jobOf: JobOf<EventPayloads[K]>): EventListener {
  return { event, jobOf: (payload, trx) => jobOf(payload as EventPayloads[K], trx) }; // recordEvent wrote nothing else
}
