// What runs in the threads of `image-thread.ts`.
import { parentPort } from "node:worker_threads";

import { ownedBuffers } from "./owned-buffers.ts";
import { TASKS } from "./tasks.ts";
import type { TaskContext } from "./tasks.ts";
import { asFailure } from "./thread-message.ts";
import type { TaskRequest, ThreadReply, ThreadRequest } from "./thread-message.ts";

/** Bytes done between two messages about progress. */
const PROGRESS_STEP = 2 ** 20;

const running = new Map<number, AbortController>();

parentPort?.on("message", (request: ThreadRequest) => {
  if ("abort" in request) running.get(request.id)?.abort();
  else void answer(request);
});

async function answer({ id, task, input }: TaskRequest): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  const progress = new ProgressSteps((bytes) => reply({ id, kind: "progress", bytes }));
  const context = { signal: controller.signal, onProgress: progress.onProgress };
  try {
    const run = TASKS[task] as (input: unknown, context: TaskContext) => Promise<unknown>; // `run` has paired them
    const output = await run(input, context);
    progress.flush();
    reply({ id, kind: "done", output }, ownedBuffers(output));
  } catch (error) {
    reply({ id, kind: "failed", failure: asFailure(error) });
  } finally {
    running.delete(id);
  }
}

function reply(message: ThreadReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** Few messages for many small steps; the first comes at once, because somebody may wait for the first byte. */
class ProgressSteps {
  readonly #tell: (bytes: number) => void;
  #step = 0;
  #untold = 0;

  constructor(tell: (bytes: number) => void) {
    this.#tell = tell;
  }

  readonly onProgress = (bytes: number): void => {
    this.#untold += bytes;
    if (this.#untold >= this.#step) this.flush();
  };

  flush(): void {
    if (this.#untold > 0) this.#tell(this.#untold);
    this.#untold = 0;
    this.#step = PROGRESS_STEP;
  }
}
