import { setTimeout } from "node:timers/promises";
import type pg from "pg";
import { WakeUps } from "../wake-ups.ts";

/** One channel of PostgreSQL for all of ours; the payload names ours. */
const CHANNEL = "wharf";

interface Options {
  /** A connection of its own, not yet connected: those of the pool come and go. */
  readonly connect: () => pg.Client;
  readonly send: (text: string, values: string[]) => Promise<unknown>;
}

/**
 * LISTEN and NOTIFY. Listening begins with the first listener; after each (re)connection all listeners are woken once,
 * because what was sent meanwhile is lost. A notification that cannot be sent is lost too: it is only a hint.
 */
export class Notifications implements AsyncDisposable {
  readonly #options: Options;
  readonly #wakeUps = new WakeUps();
  readonly #stop = new AbortController();
  readonly #channels = new Set<string>();
  #listening: Promise<void> | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** @returns a function that ends the subscription */
  listen(channel: string, listener: () => void): () => void {
    const unlisten = this.#wakeUps.listen(channel, listener);
    this.#listening ??= this.#stayConnected();
    return unlisten;
  }

  /** Many calls in a row become one message for each channel. */
  notify(channel: string): void {
    this.#channels.add(channel);
    this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    await Promise.resolve(); // what the caller notifies in the same breath goes along
    while (this.#channels.size > 0 && !this.#stop.signal.aborted) {
      const channels = [...this.#channels];
      this.#channels.clear();
      const text = `select ${channels.map((_, place) => `pg_notify('${CHANNEL}', $${place + 1})`).join(", ")}`;
      await this.#options.send(text, channels).catch(() => {});
    }
    this.#sending = undefined; // with nothing awaited since the look at the channels
  }

  async #stayConnected(): Promise<void> {
    const { signal } = this.#stop;
    for (let pause = 100; !signal.aborted; pause = Math.min(2 * pause, 10_000)) {
      const connectedAt = performance.now();
      await this.#listenOnce().catch(() => {}); // lost or refused; tried again until the end
      if (performance.now() - connectedAt > 60_000) pause = 100;
      await setTimeout(pause, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Resolves or rejects when the connection has ended. */
  async #listenOnce(): Promise<void> {
    const client = this.#options.connect();
    const ended = Promise.withResolvers<void>();
    client.on("error", ended.reject);
    client.on("end", () => ended.resolve());
    client.on("notification", ({ payload }) => this.#wakeUps.wake(payload ?? ""));
    const { signal } = this.#stop;
    const end = () => ended.resolve();
    signal.addEventListener("abort", end);
    try {
      await Promise.race([client.connect(), ended.promise]);
      if (signal.aborted) return;
      await client.query(`listen ${CHANNEL}`);
      this.#wakeUps.wakeAll();
      await ended.promise;
    } finally {
      signal.removeEventListener("abort", end);
      await client.end().catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#listening, this.#sending]);
  }
}
