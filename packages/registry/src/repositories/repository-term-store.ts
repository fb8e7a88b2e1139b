import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import { repositoryTerms } from "./repository-terms.ts";

/** Rows bound in one statement, two values each; SQLite allows 32,766. */
const CHUNK = 500;

/** Writes what a repository is found by anew. Index: repository_terms_by_repository_id_and_term. */
export async function putTerms(
  trx: Transaction<Tables>,
  repository: { readonly id: number; readonly name: string; readonly description: string },
): Promise<void> {
  await trx.deleteFrom("repository_terms").where("repository_id", "=", repository.id).execute();
  await insertTerms(trx, repository);
}

/** As {@link putTerms}, of a repository that was just made. */
export async function insertTerms(
  trx: Transaction<Tables>,
  {
    id,
    name,
    description,
  }: { readonly id: number; readonly name: string; readonly description: string },
): Promise<void> {
  const terms = [...repositoryTerms(name, description)];
  for (let at = 0; at < terms.length; at += CHUNK) {
    await trx
      .insertInto("repository_terms")
      .values(terms.slice(at, at + CHUNK).map((term) => ({ term, repository_id: id })))
      .execute();
  }
}
