// The other side of `layer-worker.ts`.
import { parentPort } from "node:worker_threads";

import { ImageError } from "../image-error.ts";
import type { LayerIndex } from "./layer-index.ts";
import type { LayerFailure, LayerReply, LayerRequest } from "./layer-worker.ts";
import { verifyLayer } from "./verify-layer.ts";

/** Bytes read between two messages about progress. */
const PROGRESS_STEP = 4 * 2 ** 20;

parentPort?.on("message", (request: LayerRequest) => void answer(request));

async function answer(request: LayerRequest): Promise<void> {
  try {
    const index = request.task === "index" ? await readIndex(request) : undefined;
    if (request.task === "verify") verifyLayer(request.slice, request.claim);
    reply({ kind: "done", index }, index === undefined ? [] : transferable(index));
  } catch (error) {
    reply({ kind: "failed", failure: asFailure(error) });
  }
}

async function readIndex(request: LayerRequest & { task: "index" }): Promise<LayerIndex> {
  const { fileSource } = await import("../source/file-source.ts");
  const { indexLayer } = await import("./index-layer.ts"); // a thread that only verifies starts faster without it
  let unreported = 0;
  const onRead = (bytes: number): void => {
    unreported += bytes;
    if (unreported < PROGRESS_STEP) return;
    reply({ kind: "read", bytes: unreported });
    unreported = 0;
  };
  const index = await indexLayer(fileSource(request.slice), { ...request.options, onRead });
  reply({ kind: "read", bytes: unreported });
  return index;
}

function reply(message: LayerReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** Columns move instead of being copied. Views that share a buffer with others are copied. */
function transferable({ table, headers }: LayerIndex): ArrayBuffer[] {
  const views: ArrayBufferView[] = [
    ...Object.values(table).filter((column) => ArrayBuffer.isView(column)),
    headers.starts,
  ];
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer, byteLength } of views) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0)
      buffers.add(buffer);
  }
  return [...buffers];
}

function asFailure(error: unknown): LayerFailure {
  if (!(error instanceof ImageError)) return { error };
  const { code, reason, place, hint } = error;
  return { code, reason, place, hint };
}
