import { UsageError } from "../../usage-error.ts";

/** Roles on a repository, from the least. */
export const ROLES = ["read", "write", "admin"] as const;

/**
 * An argument that knows only a few values.
 *
 * @param what it is, such as `role`
 * @throws {UsageError} for any other value
 */
export function namedOne<const T extends string>(
  what: string,
  text: string,
  allowed: readonly T[],
): T {
  const found = allowed.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(
    `${JSON.stringify(text)} is no ${what}`,
    `choose one of ${allowed.join(", ")}`,
  );
}
