/**
 * Runs a task for each item, at most `limit` at a time, in order. The first failure aborts the signal of all others;
 * when this returns or throws, none is running any more.
 */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal | undefined,
  task: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const waiting = items.values();
  const work = async (): Promise<void> => {
    for (const item of waiting) {
      either.throwIfAborted();
      await task(item, either);
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    try {
      await work();
    } catch (error) {
      failure.abort(error);
    }
  });
  await Promise.all(workers);
  either.throwIfAborted();
}
