import type { Scope } from "./scopes.ts";

/**
 * Roles by what they are held on; each includes those before it.
 *
 * - on the registry: anybody, an account that is signed in, a superuser
 * - on a repository: as pulls and pushes know them
 * - on an organization: member of any of its teams, creator of repositories, admin. A user is admin of their own namespace
 * - on a team: its members, and the admins of its organization
 */
export const ROLES = {
  registry: ["anybody", "account", "superuser"],
  repository: ["read", "write", "admin"],
  organization: ["member", "creator", "admin"],
  team: ["member", "admin"],
} as const;

export type Resource = keyof typeof ROLES;

/** A row of the table of rights: which role on which resource something needs, and which scope of a token. */
export interface Right {
  readonly resource: Resource;
  readonly role: string;
  /** A token with scopes must have this one. Undefined: it needs none. */
  readonly scope: Scope | undefined;
  /** Robots may do it as well; otherwise only people, and tokens that act for them. */
  readonly robots: boolean;
}

/**
 * The table of rights: every endpoint of the API names its row, and `Rights.check` in the registry decides by it.
 * Superusers have every role. Who may not even read a resource is told that it does not exist.
 */
export const RIGHTS = {
  /** No login is needed. */
  anybody: { resource: "registry", role: "anybody", scope: undefined, robots: true },
  /** Any login, robots included. */
  account: { resource: "registry", role: "account", scope: undefined, robots: true },
  /** A user's own account, to read. */
  "self.read": { resource: "registry", role: "account", scope: "user:read", robots: false },
  /** A user's own account, robots and tokens, to change. */
  "self.admin": { resource: "registry", role: "account", scope: "user:admin", robots: false },
  /** What belongs to a user's own namespace, such as its robots: for that user, and for superusers. */
  "self.namespace": { resource: "organization", role: "admin", scope: "user:admin", robots: false },
  /** The use case looks at the namespace. */
  "repository.create": {
    resource: "registry",
    role: "account",
    scope: "repo:create",
    robots: true,
  },
  "organization.create": {
    resource: "registry",
    role: "account",
    scope: "org:admin",
    robots: false,
  },
  superuser: { resource: "registry", role: "superuser", scope: "super:user", robots: false },
  /** The use case looks at what the actor was to the deleted repository. */
  "repository.restore": {
    resource: "registry",
    role: "account",
    scope: "repo:admin",
    robots: false,
  },
  "repository.read": { resource: "repository", role: "read", scope: "repo:read", robots: true },
  "repository.write": { resource: "repository", role: "write", scope: "repo:write", robots: true },
  /** What people read about it: also of one that is read-only. */
  "repository.describe": {
    resource: "repository",
    role: "write",
    scope: "repo:write",
    robots: true,
  },
  "repository.admin": { resource: "repository", role: "admin", scope: "repo:admin", robots: true },
  /** Who may do what with a repository: for people alone, not for what they let loose. */
  "repository.permissions": {
    resource: "repository",
    role: "admin",
    scope: "repo:admin",
    robots: false,
  },
  "organization.read": {
    resource: "organization",
    role: "member",
    scope: "org:admin",
    robots: false,
  },
  "organization.admin": {
    resource: "organization",
    role: "admin",
    scope: "org:admin",
    robots: false,
  },
  "team.read": { resource: "team", role: "member", scope: "org:admin", robots: false },
} as const satisfies Readonly<Record<string, Right>>;

export type RightName = keyof typeof RIGHTS;
