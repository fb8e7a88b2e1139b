import { unknownRepository } from "../accounts/admin/actor.ts";
import { isForeignKeyViolation } from "../database/foreign-key-violation.ts";
import type { Repository } from "./repository.ts";

/**
 * Work that writes rows of a repository. Between the question whether it may and the writing the repository may have
 * been deleted, and its grace period have ended.
 *
 * @throws {RegistryError} `NAME_UNKNOWN` in place of the database's error
 */
export async function unlessGone<T>({ name }: Repository, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isForeignKeyViolation(error) ? unknownRepository(name) : error;
  }
}
