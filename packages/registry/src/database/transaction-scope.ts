import { AsyncLocalStorage } from "node:async_hooks";

const scopes = new AsyncLocalStorage<{ open: boolean }>();

/**
 * Runs `work` so that {@link assertOutsideTransaction} throws for everything it does, until it has ended; what it left
 * running may go on afterwards.
 */
export async function insideTransaction<T>(work: () => Promise<T>): Promise<T> {
  const scope = { open: true };
  try {
    return await scopes.run(scope, work);
  } finally {
    scope.open = false;
  }
}

/**
 * Whoever queries past the transaction he is in sees an old state on SQLite and waits for a second connection on
 * PostgreSQL, for ever once all of them do.
 *
 * @throws {Error} inside of {@link insideTransaction}
 */
export function assertOutsideTransaction(call: string): void {
  if (scopes.getStore()?.open === true)
    throw new Error(`${call} inside a transaction: hand the transaction on instead`);
}
