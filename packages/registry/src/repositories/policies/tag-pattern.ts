import { LRUCache } from "lru-cache";
import { RegistryError } from "../../http/registry-error.ts";

/** Instructions of a compiled expression: what one name may cost. The longest name of a tag takes under a millisecond. */
const MOST_INSTRUCTIONS = 500;

/** An expression of a user, in linear time whatever it is (RE2). */
export interface TagPattern {
  /** Does the name begin with a match? So Quay reads the patterns of immutability policies. */
  readonly begins: (name: string) => boolean;
  /** Is there a match anywhere in the name? So it reads those of auto-prune policies. */
  readonly isIn: (name: string) => boolean;
}

/**
 * @param field that the expression came in, for the error
 * @throws {RegistryError} `PARAMETER_INVALID` when it is no RE2 expression, or one that is too large
 */
export async function tagPattern(text: string, field: string): Promise<TagPattern> {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  // Most registries have no patterns, so it is loaded with the first one.
  const { RE2JS, RE2JSException } = await import("re2js");
  try {
    const expression = RE2JS.compile(text);
    if (expression.programSize() > MOST_INSTRUCTIONS) throw new RE2JSException("it is too large");
    const pattern: TagPattern = {
      begins: (name) => expression.matcher(name).lookingAt(),
      isIn: (name) => expression.matcher(name).find(),
    };
    compiled.set(text, pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new RegistryError("PARAMETER_INVALID", `${field}: ${error.message}`, {
      detail: { field, reason: error.message },
      cause: error,
    });
  }
}

const compiled = new LRUCache<string, TagPattern>({ max: 500 });
