import type { NewJob } from "../jobs/add-job.ts";
import type { EventKind, EventPayloads } from "./event.ts";

/** Turns the events of one kind into jobs. */
export interface EventListener {
  readonly event: string;
  readonly jobOf: (payload: unknown) => NewJob | undefined;
}

/**
 * @param jobOf the job that an event asks for, if any
 * @example
 * on("manifest.pushed", ({ repositoryId, digest }) => ({
 *   kind: "manifest.index",
 *   key: digest,
 *   payload: { repositoryId, digest },
 * }));
 */
export function on<K extends EventKind>(
  event: K,
  jobOf: (payload: EventPayloads[K]) => NewJob | undefined,
): EventListener {
  return { event, jobOf: (payload) => jobOf(payload as EventPayloads[K]) }; // recordEvent wrote nothing else
}
