import { availableParallelism } from "node:os";

import { ImageThread } from "./image-thread.ts";
import type { RunOptions } from "./image-thread.ts";
import type { TaskInput, TaskName, TaskOutput } from "./tasks.ts";

/** How many threads, and for how long. */
export interface ImageThreadsOptions {
  /** Threads at most; default the number of cores, at least 2 and at most 4. */
  readonly count?: number | undefined;
  /** Milliseconds after which a thread without work ends; default a minute. */
  readonly idleMs?: number | undefined;
}

/**
 * Threads that a server shares for its work on images, so that its event loop stays free. Threads start when they are
 * needed; tasks that find all of them busy join the one with the fewest. Closing ends all of them, and what they do.
 *
 * Inflating happens in the pool of libuv, whose size is `UV_THREADPOOL_SIZE`.
 */
export class ImageThreads implements AsyncDisposable {
  readonly #count: number;
  readonly #idleMs: number;
  #threads: ImageThread[] = [];
  readonly #timers = new Map<ImageThread, NodeJS.Timeout>();
  #isClosed = false;

  constructor({ count, idleMs = 60_000 }: ImageThreadsOptions = {}) {
    this.#count = count ?? Math.min(4, Math.max(2, availableParallelism()));
    this.#idleMs = idleMs;
  }

  /** Gives a task to a thread. Used by the functions of this library that take `threads`. */
  async run<Name extends TaskName>(
    task: Name,
    input: TaskInput<Name>,
    options: RunOptions = {},
  ): Promise<TaskOutput<Name>> {
    if (this.#isClosed) throw new Error("the threads for images are closed");
    const thread = this.#pick();
    clearTimeout(this.#timers.get(thread));
    try {
      return await thread.run(task, input, options);
    } finally {
      if (thread.load === 0) this.#endLater(thread);
    }
  }

  /** A thread without work, else a new one, else the one with the fewest tasks. */
  #pick(): ImageThread {
    this.#threads = this.#threads.filter(({ isAlive }) => isAlive);
    const [idlest] = this.#threads.toSorted((a, b) => a.load - b.load);
    if (idlest !== undefined && (idlest.load === 0 || this.#threads.length >= this.#count))
      return idlest;
    const thread = new ImageThread();
    this.#threads.push(thread);
    return thread;
  }

  #endLater(thread: ImageThread): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#threads = this.#threads.filter((other) => other !== thread);
      this.#timers.delete(thread);
      void thread[Symbol.asyncDispose]();
    }, this.#idleMs);
    this.#timers.set(thread, timer.unref());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#threads.map((thread) => thread[Symbol.asyncDispose]()));
  }
}
