import { setTimeout } from "node:timers/promises";

const ATTEMPTS = 10;

export interface Attempt {
  /** To be set before COMMIT is sent: what became of it cannot be told when the connection is lost then. */
  committing: boolean;
}

/**
 * Runs a transaction again when PostgreSQL has given it up in favour of another one (documentation, chapter 13.5:
 * serialization failures and deadlocks), or when its connection was lost before COMMIT. The pause in between grows and
 * differs from that of the other one.
 */
export async function retryTransaction<T>(transact: (attempt: Attempt) => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    const attempt: Attempt = { committing: false };
    try {
      return await transact(attempt);
    } catch (error) {
      const again = isConflict(error) || (!attempt.committing && isLostConnection(error));
      if (count === ATTEMPTS || !again) throw error;
    }
    await setTimeout(Math.random() * Math.min(5 * 2 ** count, 500));
  }
}

/** serialization_failure, deadlock_detected. */
function isConflict(error: unknown): boolean {
  return hasCode(error, ["40001", "40P01"]);
}

/** admin_shutdown, crash_shutdown, what sockets tell of; pg's own errors have no code. */
function isLostConnection(error: unknown): boolean {
  if (hasCode(error, ["57P01", "57P02", "ECONNRESET", "EPIPE"])) return true;
  return error instanceof Error && /^Connection terminated|not queryable$/.test(error.message);
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return typeof error.code === "string" && codes.includes(error.code);
}
