import { randomText } from "../secret.ts";

/** Room for the number that makes a name unique. */
const LONGEST = 200;
/** Names that are tried one after the other before chance decides. */
const NUMBERED = 50;

/**
 * Names for a new user, the best one first: what another service calls them, made a valid name of ours
 * (`checkNamespaceName`), then with numbers for the case that it is taken.
 *
 * @param wish any text, such as `Älice.Smith@example.com`
 */
export function* usernameCandidates(wish: string): Generator<string> {
  const base = validName(wish);
  yield base;
  const separator = /\d$/.test(base) ? "-" : "";
  for (let number = 2; number <= NUMBERED; number += 1) yield `${base}${separator}${number}`;
  while (true) yield `${base}-${randomText(8)}`;
}

function validName(wish: string): string {
  const at = wish.indexOf("@");
  const name = (at > 0 ? wish.slice(0, at) : wish)
    .slice(0, 1000)
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    // Of several signs in a row the first stays: `.`, `_` and `-` stand between letters, one at a time.
    .replaceAll(/([._-])[._-]+/g, "$1")
    .slice(0, LONGEST)
    .replaceAll(/^[._-]+|[._-]+$/g, "");
  return name.length >= 2 ? name : `user${name === "" ? "" : `-${name}`}`;
}
