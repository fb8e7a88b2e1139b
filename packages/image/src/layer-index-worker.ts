import { Worker } from "node:worker_threads";

import type { FileSlice } from "./byte-source.ts";
import { ImageError } from "./image-error.ts";
import type { ImageErrorCode, ImageErrorPlace } from "./image-error.ts";
import type { IndexLayerOptions } from "./index-layer.ts";
import type { LayerIndex } from "./layer-index.ts";

/** A layer to read, as it crosses to the thread. Descriptors are shared by all threads of the process. */
export type IndexRequest = { readonly slice: FileSlice } & Pick<
  IndexLayerOptions,
  "layer" | "digest" | "diffId" | "limits" | "spoolTo"
>;

/** What comes back: progress, then one of the other two. */
export type IndexReply =
  | { readonly kind: "read"; readonly bytes: number }
  | { readonly kind: "index"; readonly index: LayerIndex }
  | { readonly kind: "failed"; readonly failure: IndexFailure };

/** An error in a form that crosses threads. */
export type IndexFailure =
  | {
      readonly code: ImageErrorCode;
      readonly reason: string;
      readonly place: ImageErrorPlace;
      readonly hint: string | undefined;
    }
  | { readonly error: unknown };

/** A thread that reads one layer after the other. */
export class LayerIndexWorker implements AsyncDisposable {
  readonly #worker = new Worker(new URL("layer-index-thread.ts", import.meta.url));
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#worker.on("error", () => undefined); // told by whoever waits for an index
  }

  /** Like `indexLayer`, for bytes that lie in a file. One call at a time. */
  async index(slice: FileSlice, options: IndexLayerOptions): Promise<LayerIndex> {
    const { layer, digest, diffId, limits, spoolTo } = options;
    const request: IndexRequest = { slice, layer, digest, diffId, limits, spoolTo };
    const { promise, resolve, reject } = Promise.withResolvers<LayerIndex>();
    const onMessage = (reply: IndexReply): void => {
      if (reply.kind === "read") options.onRead?.(reply.bytes);
      else if (reply.kind === "index") resolve(reply.index);
      else reject(asError(reply.failure));
    };
    const onAbort = (): void => reject(this.#signal.reason);
    const onExit = (): void => reject(new Error("the thread that reads a layer has ended"));
    this.#signal.addEventListener("abort", onAbort);
    this.#worker.on("message", onMessage).on("error", reject).on("exit", onExit);
    try {
      this.#signal.throwIfAborted();
      this.#worker.postMessage(request);
      return await promise;
    } finally {
      this.#signal.removeEventListener("abort", onAbort);
      this.#worker.off("message", onMessage).off("error", reject).off("exit", onExit);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

function asError(failure: IndexFailure): unknown {
  if ("error" in failure) return failure.error;
  const { code, reason, place, hint } = failure;
  return new ImageError(code, reason, { ...place, ...(hint === undefined ? {} : { hint }) });
}
