import type { Flag } from "../../flag.ts";
import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";

const KINDS = ["user", "repository", "application"] as const;

/** Whose tokens: one of them is to be given. */
export const TOKEN_OWNER_FLAGS: readonly Flag[] = [
  { name: "user", value: "NAME", help: "Those that act as this user." },
  { name: "repository", value: "NAME", help: "Those that open this repository." },
  { name: "application", value: "CLIENT-ID", help: "Those of this OAuth application." },
];

/** @throws {UsageError} unless exactly one is given */
export function onlyOwner(flags: ParsedFlags): {
  readonly kind: (typeof KINDS)[number];
  readonly name: string;
} {
  const [owner, ...others] = KINDS.flatMap((kind) => {
    const name = flags.value(kind);
    return name === undefined ? [] : [{ kind, name }];
  });
  if (owner !== undefined && others.length === 0) return owner;
  throw new UsageError(
    "a token is of a user, of a repository or of an application",
    "give one of --user, --repository and --application",
  );
}
