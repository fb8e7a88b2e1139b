import type { Administration } from "../../accounts/admin/administration.ts";
import type { Principal } from "../../accounts/principal.ts";
import { listRepositories } from "../list-repositories.ts";
import type { ListedRepository } from "../list-repositories.ts";
import { searchWords } from "../repository-terms.ts";
import { scoreOf } from "./score.ts";

/** Repositories among which the best are looked for; whoever has more to choose from writes another word. */
const MOST = 500;

/** A repository that was found. */
export interface FoundRepository extends ListedRepository {
  /** From 0 to 1. */
  readonly score: number;
}

/**
 * Repositories that somebody may see and that have all words in their name or description, the best first.
 *
 * @param text nothing finds nothing
 */
export async function searchVisible(
  administration: Pick<Administration, "database" | "permissions">,
  principal: Principal,
  text: string,
): Promise<FoundRepository[]> {
  const words = searchWords(text);
  if (words.length === 0) return [];
  const listed = await listRepositories(administration, principal, { limit: MOST, contains: text });
  return listed
    .map((repository) => ({ ...repository, score: scoreOf(repository.name, words) }))
    .toSorted((one, other) => other.score - one.score || (one.name < other.name ? -1 : 1));
}
