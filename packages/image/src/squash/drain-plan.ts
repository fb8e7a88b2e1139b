import type { ByteSink } from "../source/byte-source.ts";
import type { PlanFiller } from "./plan-filler.ts";

/** Bytes handed to the sink at a time. */
const CHUNK = 1024 * 1024;
/** Bytes of the first chunk: somebody may wait for it. */
const FIRST = 64 * 1024;

/**
 * Hands `length` bytes from a filler to a sink. While the sink works on one chunk the next one is filled; two chunks
 * are all the memory it takes.
 */
export async function drainPlan(
  filler: PlanFiller,
  length: number,
  sink: ByteSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  const room = Math.min(CHUNK, length);
  const buffers = [Buffer.allocUnsafeSlow(room), Buffer.allocUnsafeSlow(room)] as const;
  let left = length;
  let full = await filler.fill(buffers[0].subarray(0, Math.min(left, FIRST)));
  for (let turn = 1; full.length > 0; turn++) {
    signal?.throwIfAborted();
    left -= full.length;
    const filling = filler.fill(buffers[turn % 2 === 0 ? 0 : 1].subarray(0, Math.min(left, room)));
    filling.catch(() => undefined); // told below, after the sink
    try {
      await sink(full);
    } catch (error) {
      await Promise.allSettled([filling]); // its file may be closed as soon as this one has failed
      throw error;
    }
    full = await filling;
  }
}
