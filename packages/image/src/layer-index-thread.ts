// The other side of `layer-index-worker.ts`.
import { parentPort } from "node:worker_threads";

import { fileSource } from "./file-source.ts";
import { ImageError } from "./image-error.ts";
import { indexLayer } from "./index-layer.ts";
import type { IndexFailure, IndexReply, IndexRequest } from "./layer-index-worker.ts";
import type { LayerIndex } from "./layer-index.ts";

/** Bytes read between two messages about progress. */
const PROGRESS_STEP = 4 * 2 ** 20;

parentPort?.on("message", (request: IndexRequest) => void answer(request));

async function answer({ slice, ...options }: IndexRequest): Promise<void> {
  let unreported = 0;
  const onRead = (bytes: number): void => {
    unreported += bytes;
    if (unreported < PROGRESS_STEP) return;
    reply({ kind: "read", bytes: unreported });
    unreported = 0;
  };
  try {
    const index = await indexLayer(fileSource(slice), { ...options, onRead });
    reply({ kind: "read", bytes: unreported });
    reply({ kind: "index", index }, transferable(index));
  } catch (error) {
    reply({ kind: "failed", failure: asFailure(error) });
  }
}

function reply(message: IndexReply, transfer: ArrayBuffer[] = []): void {
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

function asFailure(error: unknown): IndexFailure {
  if (!(error instanceof ImageError)) return { error };
  const { code, reason, place, hint } = error;
  return { code, reason, place, hint };
}
