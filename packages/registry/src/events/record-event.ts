import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import { wakeAfterCommit } from "../database/wake-ups.ts";
import type { EventKind, EventPayloads } from "./event.ts";
import { insertEvent } from "./store.ts";

/** The channel that wakes the dispatchers. */
export const EVENTS_CHANNEL = "events";

/** Tells of a change, in the transaction that makes it. Listeners hear of it when that has committed. */
export async function recordEvent<K extends EventKind>(
  trx: Transaction<Tables>,
  kind: K,
  payload: EventPayloads[K],
): Promise<void> {
  await insertEvent(trx, { kind, payload: JSON.stringify(payload), created_at: Date.now() });
  wakeAfterCommit(trx, EVENTS_CHANNEL);
}
