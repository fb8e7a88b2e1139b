import type { z } from "zod";

export interface JobContext {
  /** Aborts when the process stops, or when another process has taken the job over. */
  readonly signal: AbortSignal;
  /** The first is 1. */
  readonly attempt: number;
}

export interface JobHandlerOptions<T> {
  readonly kind: string;
  readonly payload: z.ZodType<T>;
  /** Idempotent: a job runs at least once, and again when it throws or its process dies. */
  readonly run: (payload: T, context: JobContext) => Promise<void>;
  /** After so many failures it is dead; 8 where it is missing. */
  readonly maxAttempts?: number;
  /** Milliseconds until the next attempt after `attempt` failures. */
  readonly backOff?: (attempt: number) => number;
  /** Runs again and again, once for all replicas; a failure is tried again, and at the latest with the next turn. */
  readonly every?: { readonly milliseconds: number; readonly payload: T };
}

/** What runs the jobs of one kind; made by {@link jobHandler}. */
export interface JobHandler {
  readonly kind: string;
  readonly maxAttempts: number;
  readonly backOff: (attempt: number) => number;
  readonly every: { readonly milliseconds: number; readonly payload: unknown } | undefined;
  /** @param payload JSON text. @throws {PermanentJobError} when the payload is not what it should be */
  readonly run: (payload: string, context: JobContext) => Promise<void>;
}

/** Trying again would be useless: the job is dead at once. */
export class PermanentJobError extends Error {
  override readonly name = "PermanentJobError";
}

/** Key of the job that `every` makes. */
export const RECURRING_KEY = "recurring";

/**
 * @example
 * const indexLayer = jobHandler({
 *   kind: "layer.index",
 *   payload: z.object({ digest: z.string() }),
 *   run: async ({ digest }, { signal }) => { … },
 * });
 */
export function jobHandler<T>(options: JobHandlerOptions<T>): JobHandler {
  const { kind, payload: schema, run, maxAttempts = 8, backOff = defaultBackOff, every } = options;
  return {
    kind,
    maxAttempts,
    backOff,
    every,
    run: async (text, context) => {
      const { success, data, error } = schema.safeParse(JSON.parse(text));
      if (!success)
        throw new PermanentJobError(`the payload of a job "${kind}" is wrong: ${error.message}`);
      await run(data, context);
    },
  };
}

/** 1 s, 4 s, 16 s … one hour, each up to a half longer, so that what failed together does not return together. */
function defaultBackOff(attempt: number): number {
  const pause = Math.min(1000 * 4 ** (attempt - 1), 3_600_000);
  return pause * (1 + Math.random() / 2);
}
