import { setTimeout as wait } from "node:timers/promises";

import { systemCode, TransportError } from "../transports/transport-error.ts";

/** How often and how patiently something is tried again. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number;
  /** Milliseconds before the second try; doubled each time, with some chance so that many clients spread. */
  readonly firstDelay: number;
  /** Longest wait in milliseconds that a server's `Retry-After` is obeyed for; beyond it we give up. */
  readonly longestDelay: number;
}

export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  attempts: 5,
  firstDelay: 500,
  longestDelay: 60_000,
});

/** Thrown inside {@link withRetries} for an answer that may be better next time. */
export class TemporaryFailure extends Error {
  override readonly name = "TemporaryFailure";
  /** What to throw when trying again is no use. */
  readonly final: Error;
  /** Milliseconds the server asked us to wait. */
  readonly delay: number | undefined;

  constructor(final: Error, delay: number | undefined) {
    super(final.message);
    this.final = final;
    this.delay = delay;
  }
}

/**
 * Runs an operation again while it fails for reasons that pass: a {@link TemporaryFailure}, a broken
 * connection, silence. Everything else is thrown at once.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  operation: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      signal?.throwIfAborted();
      const delay = error instanceof TemporaryFailure ? error.delay : undefined;
      const patient = attempt < policy.attempts && (delay ?? 0) <= policy.longestDelay;
      if (!patient || !isTemporary(error))
        throw error instanceof TemporaryFailure ? error.final : error;
      const backOff = policy.firstDelay * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      await wait(delay ?? backOff, undefined, signal === undefined ? {} : { signal }).catch(() =>
        signal?.throwIfAborted(),
      );
    }
  }
}

/** Whether trying again may help. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof TemporaryFailure) return true;
  if (error instanceof TransportError) return error.code === "interrupted";
  return /^(?:ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN)$/.test(systemCode(error) ?? "");
}

/**
 * The wait that `Retry-After` asks for, in milliseconds (RFC 9110, 10.2.3: seconds or a date).
 */
export function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
