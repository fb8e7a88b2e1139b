import type { RepositoryAction, TokenAction } from "./principal.ts";

/** What somebody may do with a repository; each role includes those before it. */
export type Role = "read" | "write" | "admin";

const RANK: Readonly<Record<Role, number>> = { read: 1, write: 2, admin: 3 };

/** The least role that an action needs. */
export const ROLE_FOR: Readonly<Record<RepositoryAction, Role>> = {
  pull: "read",
  push: "write",
  delete: "write",
  admin: "admin",
};

/** What a token can allow whom. */
export const TOKEN_ACTIONS: Readonly<Record<Role, ReadonlySet<TokenAction>>> = {
  read: new Set(["pull"]),
  write: new Set(["pull", "push", "delete"]),
  admin: new Set(["pull", "push", "delete"]),
};

/** @param role undefined: none */
export function includes(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && RANK[role] >= RANK[needed];
}

/** The greatest of several roles; undefined when there is none. */
export function greatest(roles: Iterable<Role | undefined>): Role | undefined {
  let best: Role | undefined;
  for (const role of roles) {
    if (role !== undefined && !includes(best, role)) best = role;
  }
  return best;
}
