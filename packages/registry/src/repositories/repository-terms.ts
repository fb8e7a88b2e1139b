/** Words of a description that it is found by; the rest of a very long one is left out. */
const MOST_WORDS = 500;

/** Words of one search; what comes after them is left out. */
const MOST_SEARCHED = 5;

/**
 * What a repository is found by, in lower case: each end of its full name, so that any part of it is the beginning of
 * one of them, and the words of its description, so that their beginnings are found.
 */
export function repositoryTerms(name: string, description: string): ReadonlySet<string> {
  const terms = new Set<string>();
  for (let at = 0; at < name.length; at++) terms.add(name.slice(at));
  const words = description.toLowerCase().match(/[\p{L}\p{N}]{2,64}/gu) ?? [];
  for (const word of words.slice(0, MOST_WORDS)) terms.add(word);
  return terms;
}

/** The words of a search, in lower case: all of them must be found. */
export function searchWords(text: string): readonly string[] {
  const words = text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "");
  return [...new Set(words.slice(0, MOST_SEARCHED))];
}

/** Behind every text that begins with `word`, in the order of bytes: nothing is greater than the last character. */
export function endOfPrefix(word: string): string {
  return `${word}\u{10ffff}`;
}
