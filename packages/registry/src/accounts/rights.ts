import { PEOPLE_SCOPES, RIGHTS, ROLES } from "@wharf/contract";
import type { Right, RightName } from "@wharf/contract";
import type { Database } from "../database/database.ts";
import { RegistryError } from "../http/registry-error.ts";
import type { Repository } from "../repositories/repository.ts";
import type { Actor } from "./admin/actor.ts";
import type { Permissions } from "./permissions.ts";
import { principalName } from "./principal.ts";
import type { AccountPrincipal, Principal } from "./principal.ts";
import { isTeamMember } from "./team-store.ts";

/** What a right is asked for on; undefined for the registry itself. */
export interface RightsTarget {
  readonly repository?: Repository;
  /** What the client called it, whether it is there or not. */
  readonly repositoryName?: string;
  /** A user's namespace counts as an organization whose only admin they are. */
  readonly organization?: { readonly id: number; readonly name: string };
  /** Of `organization`. */
  readonly team?: { readonly id: number; readonly name: string };
}

/**
 * The one function that decides by the table of rights (`RIGHTS` in `@wharf/contract`). Scopes of tokens are looked at
 * here and in {@link Permissions.roleOn}, nowhere else.
 */
export class Rights {
  readonly #permissions: Permissions;
  readonly #database: Database;

  constructor(options: { readonly database: Database; readonly permissions: Permissions }) {
    this.#database = options.database;
    this.#permissions = options.permissions;
  }

  /**
   * Resolves when the actor has the right on the target.
   *
   * @throws {RegistryError} `UNAUTHORIZED` for anonymous, `SCOPE_INSUFFICIENT` for a token whose scopes lack the right,
   *   `NAME_UNKNOWN` or `NOT_FOUND` for what the actor may not even know of, else `DENIED`
   */
  async require(actor: Actor, name: RightName, target: RightsTarget = {}): Promise<void> {
    if (actor.kind === "operator") return;
    const right: Right = RIGHTS[name];
    if (right.role === "anybody") return;
    // A public repository is read by whoever may see public ones.
    const isPublicRead =
      name === "repository.read" &&
      target.repository !== undefined &&
      (await this.#permissions.may(actor, "pull", target.repository));
    if (isPublicRead && actor.kind !== "token") return;
    if (actor.kind === "anonymous") throw loginNeeded();
    // Tokens of /v2/auth are for pulls and pushes alone, and a repository's secret knows only its repository.
    if (actor.kind === "token") throw refused(actor, "a token of /v2/auth is not for the API");
    if (actor.kind === "repository" && (right.resource !== "repository" || !right.robots)) {
      throw refused(actor, "that needs a person");
    }
    if (actor.kind === "account") this.#checkKind(actor, right);
    if (await this.#hasRole(actor, right, target)) {
      if (name === "repository.write" && target.repository?.state === "read-only") {
        throw refused(actor, `${target.repository.name} is read-only`);
      }
      return;
    }
    throw await this.#refusal(actor, right, target);
  }

  /** Would {@link require} grant it? */
  async has(actor: Actor, name: RightName, target: RightsTarget = {}): Promise<boolean> {
    try {
      await this.require(actor, name, target);
      return true;
    } catch (error) {
      if (error instanceof RegistryError && error.status < 500) return false;
      throw error;
    }
  }

  #checkKind(actor: AccountPrincipal, right: Right): void {
    if (actor.isRobot && !right.robots) throw refused(actor, "robots may not do this");
    if (right.scope === undefined) return;
    if (actor.shown?.kind === "application" && PEOPLE_SCOPES.has(right.scope)) {
      throw refused(
        actor,
        "an application token is for pulls, pushes and repositories; show the password, or a token of an OAuth application",
      );
    }
    if (actor.scopes === undefined) return;
    if (actor.scopes.has(right.scope)) return;
    throw new RegistryError("SCOPE_INSUFFICIENT", `the token lacks the scope ${right.scope}`, {
      detail: { scope: right.scope },
    });
  }

  async #hasRole(actor: Principal, right: Right, target: RightsTarget): Promise<boolean> {
    switch (right.resource) {
      case "registry":
        if (right.role === "superuser") return actor.kind === "account" && actor.isSuperuser;
        return actor.kind === "account";
      case "repository":
        return target.repository === undefined
          ? false
          : reaches("repository", await this.#permissions.roleOn(actor, target.repository), right);
      case "organization":
        // Whoever may see all organizations is told that there is none.
        if (actor.kind === "account" && actor.isSuperuser) return true;
        return reaches("organization", await this.#organizationRole(actor, target), right);
      case "team":
        if (actor.kind === "account" && actor.isSuperuser) return true;
        return (await this.#organizationRole(actor, target)) === "admin"
          ? true
          : right.role === "member" && (await this.#isMember(actor, target));
    }
  }

  async #organizationRole(
    actor: Principal,
    { organization }: RightsTarget,
  ): Promise<string | undefined> {
    return organization && this.#permissions.namespaceRole(actor, organization);
  }

  async #isMember(actor: Principal, { team }: RightsTarget): Promise<boolean> {
    if (actor.kind !== "account" || team === undefined) return false;
    return isTeamMember(this.#database.read, team.id, actor.accountId);
  }

  /** What they may not see is not there for them. */
  async #refusal(
    actor: Principal,
    right: Right,
    { repository, repositoryName = repository?.name, organization, team }: RightsTarget,
  ): Promise<RegistryError> {
    if (right.resource === "repository") {
      const role = repository && (await this.#permissions.roleOn(actor, repository));
      if (role !== undefined) {
        return new RegistryError(
          "DENIED",
          `the role ${role} on ${repositoryName} is not enough; that needs ${right.role}`,
          { detail: { name: repositoryName, role, needed: right.role } },
        );
      }
      // The same words for one that is not there.
      const name = repositoryName ?? "of that name";
      return new RegistryError("NAME_UNKNOWN", `there is no repository ${name}`, {
        detail: { name },
      });
    }
    const place = [organization?.name, team?.name].filter((name) => name !== undefined);
    const where = place.length === 0 ? "" : ` in ${place.join("/")}`;
    return refused(actor, `that needs the role ${right.role}${where}`);
  }
}

function reaches(resource: keyof typeof ROLES, role: string | undefined, right: Right): boolean {
  if (role === undefined) return false;
  const order: readonly string[] = ROLES[resource];
  return order.indexOf(role) >= order.indexOf(right.role);
}

function loginNeeded(): RegistryError {
  return new RegistryError("UNAUTHORIZED", "a login is needed");
}

function refused(actor: Principal, need?: string): RegistryError {
  const name = principalName(actor) ?? "anonymous";
  return new RegistryError(
    "DENIED",
    `${name} may not do this${need === undefined ? "" : `: ${need}`}`,
  );
}
