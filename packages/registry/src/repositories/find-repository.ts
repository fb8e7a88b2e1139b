import { VersionedCache } from "../database/versioned-cache.ts";
import type { Database } from "../database/database.ts";
import type { Repository } from "./repository.ts";
import { findByName } from "./repository-store.ts";

/** Repositories kept in memory; some hundred bytes each. */
const KEPT = 5_000;

/** Finds a repository by its full name, as it is now. Looks at no rights: `Permissions.authorize` does. */
export type FindRepository = (name: string) => Promise<Repository | undefined>;

export function repositoryFinder(database: Database): FindRepository {
  const cache = new VersionedCache<Repository>(database, KEPT);
  return (name) => cache.find(name, () => findByName(database.read, name));
}
