import type { Transaction } from "kysely";
import type { Tables } from "./tables.ts";

/** Listeners of one process, by channel. */
export class WakeUps {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** @returns a function that ends the subscription */
  listen(channel: string, listener: () => void): () => void {
    const own = () => listener(); // so that one function can subscribe twice
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners);
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners)
        this.#listeners.delete(channel);
    };
  }

  wake(channel: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener();
  }

  wakeAll(): void {
    for (const channel of this.#listeners.keys()) this.wake(channel);
  }
}

const channelsOf = new WeakMap<object, Set<string>>();

/** Notifies `channel` once `trx` has committed; nothing happens when it is undone. */
export function wakeAfterCommit(trx: Transaction<Tables>, channel: string): void {
  channelsOf.get(trx)?.add(channel);
}

/** For the drivers: runs `work` and collects the channels it wants to wake. */
export async function collectWakeUps<T>(
  trx: Transaction<Tables>,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<{ result: T; channels: ReadonlySet<string> }> {
  const channels = new Set<string>();
  channelsOf.set(trx, channels);
  return { result: await work(trx), channels };
}
