import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";

/**
 * Does something inside of a transaction that may be refused: what is refused leaves nothing behind, and the
 * transaction goes on. Every other error undoes the transaction.
 *
 * @returns what `work` returns, or why it was refused
 */
export async function attempt<T>(
  trx: Transaction<Tables>,
  work: () => Promise<T>,
): Promise<T | RegistryError> {
  await sql`savepoint attempt`.execute(trx);
  try {
    const result = await work();
    await sql`release savepoint attempt`.execute(trx);
    return result;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    await sql`rollback to savepoint attempt`.execute(trx);
    await sql`release savepoint attempt`.execute(trx);
    return error;
  }
}
