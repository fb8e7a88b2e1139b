import { Worker } from "node:worker_threads";

import type { FileSlice } from "../source/byte-source.ts";
import { ImageError } from "../image-error.ts";
import type { ImageErrorCode, ImageErrorPlace } from "../image-error.ts";
import type { IndexLayerOptions } from "./index-layer.ts";
import type { LayerIndex } from "./layer-index.ts";
import type { LayerClaim } from "./verify-layer.ts";

/** A layer to read, as it crosses to the thread. Descriptors are shared by all threads of the process. */
export type LayerRequest =
  | {
      readonly task: "index";
      readonly slice: FileSlice;
      readonly options: Pick<
        IndexLayerOptions,
        "layer" | "digest" | "diffId" | "limits" | "spoolTo"
      >;
    }
  | { readonly task: "verify"; readonly slice: FileSlice; readonly claim: LayerClaim };

/** What comes back: progress, then one of the others. */
export type LayerReply =
  | { readonly kind: "read"; readonly bytes: number }
  | { readonly kind: "done"; readonly index: LayerIndex | undefined }
  | { readonly kind: "failed"; readonly failure: LayerFailure };

/** An error in a form that crosses threads. */
export type LayerFailure =
  | {
      readonly code: ImageErrorCode;
      readonly reason: string;
      readonly place: ImageErrorPlace;
      readonly hint: string | undefined;
    }
  | { readonly error: unknown };

/** A thread that reads one layer after the other. One call at a time. */
export class LayerWorker implements AsyncDisposable {
  readonly #worker = new Worker(new URL("layer-thread.ts", import.meta.url));
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#worker.on("error", () => undefined); // told by whoever waits for an answer
  }

  /** Like `indexLayer`, for bytes that lie in a file. */
  async index(slice: FileSlice, options: IndexLayerOptions): Promise<LayerIndex> {
    const { layer, digest, diffId, limits, spoolTo, onRead } = options;
    const claims = { layer, digest, diffId, limits, spoolTo };
    const index = await this.#ask({ task: "index", slice, options: claims }, onRead);
    if (index === undefined) throw new Error("the thread answered without an index");
    return index;
  }

  /** Like `verifyLayer`, for bytes that lie in a file. */
  async verify(slice: FileSlice, claim: LayerClaim): Promise<void> {
    await this.#ask({ task: "verify", slice, claim }, undefined);
  }

  async #ask(
    request: LayerRequest,
    onRead: ((bytes: number) => void) | undefined,
  ): Promise<LayerIndex | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<LayerIndex | undefined>();
    const onMessage = (reply: LayerReply): void => {
      if (reply.kind === "read") onRead?.(reply.bytes);
      else if (reply.kind === "done") resolve(reply.index);
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

function asError(failure: LayerFailure): unknown {
  if ("error" in failure) return failure.error;
  const { code, reason, place, hint } = failure;
  return new ImageError(code, reason, { ...place, ...(hint === undefined ? {} : { hint }) });
}
