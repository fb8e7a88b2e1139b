import { parseScopes, SCOPES } from "@wharf/contract";
import type { Scope } from "@wharf/contract";

/** A scope as it is shown to people; the fields are Quay's. */
export interface ScopeFacts {
  readonly title: string;
  readonly scope: Scope;
  readonly description: string;
  /** Name in Font Awesome. */
  readonly icon: string;
  readonly dangerous: boolean;
}

const TITLES: Readonly<Record<Scope, readonly [title: string, icon: string]>> = {
  "repo:read": ["View all visible repositories", "fa-hdd-o"],
  "repo:write": ["Read and write all accessible repositories", "fa-hdd-o"],
  "repo:admin": ["Administrate repositories", "fa-hdd-o"],
  "repo:create": ["Create repositories", "fa-plus"],
  "user:read": ["Read user information", "fa-user"],
  "user:admin": ["Administrate the user", "fa-user"],
  "org:admin": ["Administrate organizations", "fa-gear"],
  "super:user": ["Superuser access", "fa-street-view"],
};

const DANGEROUS: ReadonlySet<Scope> = new Set(["user:admin", "org:admin", "super:user"]);

export function isDangerous(scope: Scope): boolean {
  return DANGEROUS.has(scope);
}

/** @param scopes checked already, separated by spaces; those that they imply are not told */
export function scopeFacts(scopes: string): ScopeFacts[] {
  return scopes
    .split(" ")
    .filter((scope): scope is Scope => !("unknown" in parseScopes(scope)) && scope !== "")
    .map((scope) => {
      const [title, icon] = TITLES[scope];
      return { title, scope, description: SCOPES[scope], icon, dangerous: isDangerous(scope) };
    });
}
