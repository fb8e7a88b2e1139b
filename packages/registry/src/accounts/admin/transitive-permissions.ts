import { RegistryError } from "../../http/registry-error.ts";
import { namespaceOfRobot } from "../account-name.ts";
import { findAccountByName } from "../account-store.ts";
import { findRoleSources } from "../permission-store.ts";
import type { Role } from "../role.ts";
import type { Actor } from "./actor.ts";
import type { Administration } from "./administration.ts";
import { needRepository } from "./repository-permissions.ts";

/** A way in which somebody has a role on a repository. */
export interface TransitivePermission {
  readonly role: Role;
  /**
   * `user`: given to themselves. `team`: to a team of theirs. `organization`: by a team with the role admin.
   * `namespace`: it is their own. `superuser`: of the whole registry.
   */
  readonly via: "user" | "team" | "organization" | "namespace" | "superuser";
  /** For `team` and `organization`. */
  readonly team: string | undefined;
}

/**
 * Every way in which a user or robot has a role on a repository, besides what everybody may; the greatest role counts
 * (`Permissions.roleOn`).
 *
 * @throws {RegistryError} `DENIED`; `NAME_UNKNOWN`; `NOT_FOUND` when there is none, or no such account
 */
export async function listTransitivePermissions(
  administration: Administration,
  actor: Actor,
  { repository: name, account: holder }: { readonly repository: string; readonly account: string },
): Promise<TransitivePermission[]> {
  const repository = await needRepository(administration, actor, name);
  const { read } = administration.database;
  const isName = /^[a-z0-9._+-]{1,511}$/.test(holder);
  const account = isName ? await findAccountByName(read, holder) : undefined;
  const robotOf = namespaceOfRobot(holder);
  const isElsewhere = robotOf !== undefined && robotOf !== repository.namespace;
  const found: TransitivePermission[] = [];
  if (account !== undefined && !isElsewhere) {
    if (account.superuser === 1) found.push({ role: "admin", via: "superuser", team: undefined });
    if (account.id === repository.namespaceId) {
      found.push({ role: "admin", via: "namespace", team: undefined });
    }
    for (const { role, via, team } of await findRoleSources(read, account.id, repository)) {
      found.push({ role, via, team: team ?? undefined });
    }
  }
  if (found.length > 0) return found;
  const shown = holder.slice(0, 511);
  throw new RegistryError("NOT_FOUND", `${shown} has no role on ${name}`, {
    detail: { field: "username", value: shown },
  });
}
