/**
 * How well a name fits what was searched for: from 1 for the very name to about 0.
 *
 * @param words in lower case
 */
export function scoreOf(name: string, words: readonly string[]): number {
  if (words.length === 0) return 0.5;
  const scores = words.map((word) => scoreOfWord(name, word));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function scoreOfWord(name: string, word: string): number {
  const parts = name.split(/[/+]/);
  const last = parts.at(-1) ?? name;
  if (name === word || last === word) return 1;
  if (last.startsWith(word)) return 0.8 + 0.1 * (word.length / last.length);
  if (parts.some((part) => part.startsWith(word))) return 0.7;
  if (name.split(/[/._+-]/).some((part) => part.startsWith(word))) return 0.6;
  return name.includes(word) ? 0.5 : 0.3;
}
