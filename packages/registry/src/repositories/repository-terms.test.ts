import assert from "node:assert/strict";
import { test } from "node:test";
import { endOfPrefix, repositoryTerms, searchWords } from "./repository-terms.ts";

test("any part of a name and the beginning of any word of the description are the beginning of a term", () => {
  const terms = [...repositoryTerms("team/app", "# Node.js *Server* für Größe, a 東京")];
  const isFound = (word: string): boolean =>
    terms.some((term) => term >= word && term < endOfPrefix(word));
  for (const word of [
    "team",
    "am/a",
    "app",
    "p",
    "/",
    "node",
    "js",
    "serv",
    "für",
    "größe",
    "東",
  ]) {
    assert.ok(isFound(word), word);
  }
  for (const word of ["apps", "erver", "#", "Server"]) assert.ok(!isFound(word), word);
});

test("a description of any length makes few terms, and nobody waits for them", () => {
  const long = repositoryTerms(
    "team/app",
    Array.from({ length: 9000 }, (_, i) => `w${i}`).join(" "),
  );
  assert.ok(long.size <= 508);
  const words = repositoryTerms("a/b", "x".repeat(65_536));
  for (const term of words) assert.ok(term.length <= 64);
});

test("a search is in lower case, and has few words", () => {
  assert.deepEqual(searchWords("  Team/App  SERVER\tserver "), ["team/app", "server"]);
  assert.deepEqual(searchWords(" "), []);
  assert.equal(searchWords("a b c d e f g").length, 5);
});
