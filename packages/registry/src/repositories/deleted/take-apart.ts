import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { removeRow, removeSome } from "./deleted-repository-store.ts";

/** Rows that go with one transaction, besides what refers to them. */
const STEP = 250;

/**
 * Takes a repository apart that was given up, in small steps: however much it has, nobody waits long. May be broken off
 * at any time and begun again. Its blobs are then the business of collection.
 *
 * @param write runs a transaction
 * @returns false when it was gone already
 */
export async function takeApart(
  write: <T>(work: (trx: Transaction<Tables>) => Promise<T>) => Promise<T>,
  repositoryId: number,
): Promise<boolean> {
  while ((await write((trx) => removeSome(trx, repositoryId, STEP))) > 0);
  return await write(async (trx) => {
    // A push that was under way when it was deleted may have come in between.
    while ((await removeSome(trx, repositoryId, STEP)) > 0);
    return await removeRow(trx, repositoryId);
  });
}
