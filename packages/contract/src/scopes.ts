/**
 * What an OAuth token may be limited to: Quay's names. A scope never gives a right that the account behind the token
 * does not have.
 */
export const SCOPES = {
  "repo:read": "View and pull the repositories that its account can see.",
  "repo:write": "View, pull and push repositories that its account may push to.",
  "repo:admin": "Administrate the repositories that its account administrates.",
  "repo:create": "Create repositories in the namespaces of its account.",
  "user:read": "Read the account: its name, e-mail address and organizations.",
  "user:admin": "Change the account: dangerous.",
  "org:admin": "Administrate the organizations that its account administrates: dangerous.",
  "super:user": "Administrate the registry, if its account is a superuser: dangerous.",
} as const satisfies Record<string, string>;

export type Scope = keyof typeof SCOPES;

/**
 * What application tokens never give on the API: they lie on disks of laptops and clusters for `docker login`. Whoever
 * finds one must not be able to take the account over, nor anything that it administrates.
 */
export const PEOPLE_SCOPES: ReadonlySet<Scope> = new Set(["user:admin", "org:admin", "super:user"]);

/** What a scope gives besides itself. */
export const IMPLIED_SCOPES: Readonly<Partial<Record<Scope, readonly Scope[]>>> = {
  "repo:write": ["repo:read"],
  "repo:admin": ["repo:write", "repo:read"],
  "user:admin": ["user:read"],
};

export function isScope(text: string): text is Scope {
  return Object.hasOwn(SCOPES, text);
}

/** @returns all that the scopes give, or the first word that is none; words are separated by spaces or commas */
export function parseScopes(text: string): ReadonlySet<Scope> | { readonly unknown: string } {
  const scopes = new Set<Scope>();
  for (const word of text.split(/[\s,]+/).filter((word) => word !== "")) {
    if (!isScope(word)) return { unknown: word };
    scopes.add(word);
    for (const implied of IMPLIED_SCOPES[word] ?? []) scopes.add(implied);
  }
  return scopes;
}
