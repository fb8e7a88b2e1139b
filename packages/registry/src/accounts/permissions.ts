import type { Database } from "../database/database.ts";
import { VersionedCache } from "../database/versioned-cache.ts";
import { RegistryError } from "../http/registry-error.ts";
import { namespaceOf } from "../repositories/repository-name.ts";
import type { Repository } from "../repositories/repository.ts";
import { namespaceOfRobot } from "./account-name.ts";
import { findAccountByName } from "./account-store.ts";
import type { Caller } from "./caller.ts";
import { CATALOG_SCOPE, scopeFor } from "./challenge.ts";
import type { Challenges } from "./challenge.ts";
import { findRoles, findTeamRoles } from "./permission-store.ts";
import type { AccountPrincipal, Principal, RepositoryAction, TokenAction } from "./principal.ts";
import { greatest, includes, ROLE_FOR, TOKEN_ACTIONS } from "./role.ts";
import type { Role } from "./role.ts";

/** Pairs of account and repository whose role is kept in memory; about 150 bytes each. */
const KEPT = 10_000;

/** A request for one repository. */
export interface Wish {
  readonly caller: Caller;
  readonly principal: Principal;
  readonly action: RepositoryAction;
  /** Undefined: there is none of that name. */
  readonly repository: Repository | undefined;
  /** Checked already (`parseRepositoryName`). */
  readonly name: string;
}

/**
 * Decides who may do what with repositories. Long because it is the one place that does.
 *
 * - A superuser may do everything; a user everything in their own namespace; members of an organization's team with
 *   the role admin (`owners`) everything in the organization.
 * - Others have the greatest role that was given to them or to one of their teams.
 * - A robot has no rights outside its namespace, but to public repositories.
 * - Public repositories are read by every account, and by everybody when the configuration allows anonymous access.
 * - A token allows what it says and nothing else; a secret of a repository what it was made for.
 */
export class Permissions {
  readonly #database: Database;
  readonly #challenges: Challenges;
  readonly #anonymousAccess: boolean;
  readonly #roles: VersionedCache<{ readonly role: Role | undefined }>;

  constructor(options: {
    readonly database: Database;
    readonly challenges: Challenges;
    readonly anonymousAccess: boolean;
  }) {
    this.#database = options.database;
    this.#challenges = options.challenges;
    this.#anonymousAccess = options.anonymousAccess;
    this.#roles = new VersionedCache(options.database, KEPT);
  }

  /**
   * Resolves when the wish is granted. Pushing to a repository that does not exist is granted to whoever may create
   * it (`createRepositoryByPush`).
   *
   * Refusals do not tell whether a private repository exists: it looks as one that does not.
   *
   * @throws {RegistryError} for anonymous and tokens `UNAUTHORIZED` with the challenge for the scope that is missing;
   *   for accounts `NAME_UNKNOWN` when they may not even read, else `DENIED`
   */
  async authorize(wish: Wish): Promise<void> {
    const { action, repository, name } = wish;
    if (!(await this.#allows(wish))) throw await this.#refusal(wish);
    if (repository?.state === "read-only" && (action === "push" || action === "delete")) {
      throw new RegistryError("DENIED", `${name} is read-only`, { detail: { name, action } });
    }
  }

  /** @throws {RegistryError} `UNAUTHORIZED`: clients only send credentials or tokens when they are challenged */
  authorizeCatalog(caller: Caller, principal: Principal): void {
    if (principal.kind === "token" && !principal.catalog) {
      throw this.#challenges.unauthorized(caller, "the token is not for listing repositories", {
        scope: CATALOG_SCOPE,
        error: "insufficient_scope",
      });
    }
    if (principal.kind === "anonymous") {
      throw this.#challenges.unauthorized(caller, "listing repositories needs a login", {
        scope: CATALOG_SCOPE,
      });
    }
  }

  /** May a token for listing repositories be given? It lists what its account may see, so it knows no restrictions. */
  mayListCatalog(principal: Principal): boolean {
    const isUnlimited = principal.kind === "account" && this.#seesAsAccount(principal);
    return isUnlimited || (this.#anonymousAccess && principal.kind !== "account");
  }

  /**
   * Are public repositories visible to this one, whatever else is?
   *
   * @param name of one; undefined: all of them
   */
  seesPublic(principal: Principal, name?: string): boolean {
    const isAccount =
      (principal.kind === "account" && this.#seesAsAccount(principal, name)) ||
      (principal.kind === "token" && principal.accountId !== undefined);
    return isAccount || this.#anonymousAccess;
  }

  /** Where public means public to accounts, a token that is limited sees no more than what it was made for. */
  #seesAsAccount({ scopes, repositories }: AccountPrincipal, name?: string): boolean {
    if (scopes?.has("repo:read") === false) return false;
    return repositories === undefined || (name !== undefined && repositories.has(name));
  }

  /** Would {@link authorize} grant it? For what is tried on the side, such as mounting from another repository. */
  async may(
    principal: Principal,
    action: RepositoryAction,
    repository: Repository,
  ): Promise<boolean> {
    const isChange = action === "push" || action === "delete";
    if (isChange && repository.state === "read-only") return false;
    return this.#allows({ principal, action, repository, name: repository.name });
  }

  /** The greatest role on a repository; undefined: none. */
  async roleOn(principal: Principal, repository: Repository): Promise<Role | undefined> {
    switch (principal.kind) {
      case "token":
        return roleOfActions(principal.access.get(repository.name));
      case "anonymous":
        return this.#publicRole(principal, repository);
      case "repository":
        return principal.repositoryId === repository.id
          ? principal.role
          : this.#publicRole(principal, repository);
      case "account":
        return greatest([
          limitRole(await this.#ownRole(principal, repository), principal, repository.name),
          this.#publicRole(principal, repository),
        ]);
    }
  }

  /** What a token for this repository may hold. Undefined `repository`: there is none of that name. */
  async tokenActions(
    principal: Exclude<Principal, { kind: "token" }>,
    repository: Repository | undefined,
    name: string,
  ): Promise<ReadonlySet<TokenAction>> {
    if (repository !== undefined) {
      const role = await this.roleOn(principal, repository);
      return role === undefined ? new Set() : TOKEN_ACTIONS[role];
    }
    // Clients look for blobs before they push; whoever may create the repository may see that there is nothing.
    const mayCreate = principal.kind === "account" && (await this.mayCreateIn(principal, name));
    return mayCreate ? new Set<TokenAction>(["pull", "push"]) : new Set();
  }

  /**
   * May this account create repositories in the namespace of `name`?
   *
   * @param name full name of a repository
   */
  async mayCreateIn(principal: AccountPrincipal, name: string): Promise<boolean> {
    const namespace = namespaceOf(name);
    if (principal.scopes?.has("repo:create") === false) return false;
    if (principal.repositories?.has(name) === false) return false;
    if (principal.isRobot && namespaceOfRobot(principal.name) !== namespace) return false;
    const account = await findAccountByName(this.#database.read, namespace);
    if (account === undefined || account.kind === "robot" || account.enabled !== 1) return false;
    if (principal.isSuperuser || principal.accountId === account.id) return true;
    if (account.kind !== "organization") return false;
    const roles = await findTeamRoles(this.#database.read, principal.accountId, account.id);
    return roles.includes("admin") || roles.includes("creator");
  }

  /** May this account administrate the robots and teams of a namespace? Looks at no scopes: {@link Rights} does. */
  async isNamespaceAdmin(
    principal: Principal,
    namespace: { readonly id: number },
  ): Promise<boolean> {
    return (await this.namespaceRole(principal, namespace)) === "admin";
  }

  /** The greatest role in an organization, or in a user's own namespace. Robots have none. */
  async namespaceRole(
    principal: Principal,
    namespace: { readonly id: number },
  ): Promise<"member" | "creator" | "admin" | undefined> {
    if (principal.kind !== "account" || principal.isRobot) return undefined;
    if (principal.isSuperuser || principal.accountId === namespace.id) return "admin";
    const roles = await findTeamRoles(this.#database.read, principal.accountId, namespace.id);
    return (["admin", "creator", "member"] as const).find((role) => roles.includes(role));
  }

  async #allows(wish: Omit<Wish, "caller">): Promise<boolean> {
    const { principal, action, repository, name } = wish;
    if (principal.kind === "token") {
      const isGranted = action !== "admin" && principal.access.get(name)?.has(action) === true;
      return isGranted && (repository !== undefined || action === "push");
    }
    if (repository === undefined) {
      return (
        action === "push" &&
        principal.kind === "account" &&
        (await this.mayCreateIn(principal, name))
      );
    }
    return includes(await this.roleOn(principal, repository), ROLE_FOR[action]);
  }

  async #refusal(wish: Wish): Promise<RegistryError> {
    const { caller, principal, action, repository, name } = wish;
    const scope = scopeFor(action, name);
    if (principal.kind === "anonymous") {
      return this.#challenges.unauthorized(caller, `a login is needed to ${VERB[action]} ${name}`, {
        scope,
        detail: { name, action },
      });
    }
    if (principal.kind === "token") {
      const isGranted = action !== "admin" && principal.access.get(name)?.has(action) === true;
      if (isGranted) return this.#unknown(name);
      // Whoever pushes wants to know why no token lets them. Strangers are not told which namespaces there are.
      if (principal.accountId !== undefined && !(await this.#hasNamespace(name))) {
        return missingNamespace(name);
      }
      return this.#challenges.unauthorized(
        caller,
        `the token does not allow to ${VERB[action]} ${name}`,
        {
          scope,
          error: "insufficient_scope",
          detail: { name, action },
        },
      );
    }
    const role = repository && (await this.roleOn(principal, repository));
    if (role !== undefined) {
      const needed = ROLE_FOR[action];
      return new RegistryError(
        "DENIED",
        `the role ${role} on ${name} does not allow to ${VERB[action]}; that needs ${needed}`,
        { detail: { name, action, role, needed } },
      );
    }
    if (!(await this.#hasNamespace(name))) return missingNamespace(name);
    if (action !== "push") return this.#unknown(name);
    // The same for a repository that exists and one that does not.
    return new RegistryError("DENIED", `the account may not push to ${name}, nor create it`, {
      detail: { name, action },
    });
  }

  #unknown(name: string): RegistryError {
    return new RegistryError("NAME_UNKNOWN", `there is no repository ${name}`, {
      detail: { name },
    });
  }

  async #hasNamespace(name: string): Promise<boolean> {
    const account = await findAccountByName(this.#database.read, namespaceOf(name));
    return account !== undefined;
  }

  /** Without what everybody may. */
  async #ownRole(principal: AccountPrincipal, repository: Repository): Promise<Role | undefined> {
    if (principal.isSuperuser || principal.accountId === repository.namespaceId) return "admin";
    if (principal.isRobot && namespaceOfRobot(principal.name) !== repository.namespace) return;
    const { accountId } = principal;
    const found = await this.#roles.find(`${accountId}/${repository.id}`, async () => ({
      role: greatest(await findRoles(this.#database.read, accountId, repository)),
    }));
    return found?.role;
  }

  #publicRole(principal: Principal, repository: Repository): Role | undefined {
    const isVisible =
      repository.visibility === "public" && this.seesPublic(principal, repository.name);
    return isVisible ? "read" : undefined;
  }
}

/** May it not read everything that its account may? */
export function isLimited(principal: Principal): boolean {
  if (principal.kind === "token") return principal.isLimited === true;
  if (principal.kind !== "account") return false;
  return principal.repositories !== undefined || principal.scopes?.has("repo:read") === false;
}

/** What is left of a role for a token that is limited to scopes or repositories. */
function limitRole(
  role: Role | undefined,
  { scopes, repositories }: AccountPrincipal,
  name: string,
): Role | undefined {
  if (role === undefined || repositories?.has(name) === false) return undefined;
  if (scopes === undefined) return role;
  return (["admin", "write", "read"] as const).find(
    (limited) => includes(role, limited) && scopes.has(`repo:${limited}`),
  );
}

/** What to do about a namespace that is not there. */
export function missingNamespace(name: string): RegistryError {
  const namespace = namespaceOf(name);
  const reason = `namespace ${namespace} does not exist; create it first with \`wharf admin organization create ${namespace}\``;
  return new RegistryError("NAME_UNKNOWN", reason, { detail: { name, namespace, reason } });
}

const VERB: Readonly<Record<RepositoryAction, string>> = {
  pull: "pull from",
  push: "push to",
  delete: "delete in",
  admin: "administrate",
};

function roleOfActions(actions: ReadonlySet<TokenAction> | undefined): Role | undefined {
  if (actions === undefined) return undefined;
  if (actions.has("push") && actions.has("delete")) return "write";
  return actions.has("pull") ? "read" : undefined;
}
