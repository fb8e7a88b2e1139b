import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { requireSuperuser } from "../accounts/admin/actor.ts";
import type { Repository } from "../repositories/repository.ts";
import type { EntryScope } from "./audit-store.ts";

/** Whose log: what was done in a repository, in an organization, in a user's account, in the whole registry. */
export type LogScope =
  | { readonly kind: "repository"; readonly repository: Repository }
  | { readonly kind: "organization"; readonly namespace: Namespace }
  | { readonly kind: "user"; readonly namespace: Namespace }
  | { readonly kind: "registry" };

interface Namespace {
  readonly id: number;
  readonly name: string;
}

/** @throws {RegistryError} as `Rights.require` unless the actor may read the log */
export async function requireLog(
  { rights }: Pick<Administration, "rights">,
  actor: Actor,
  scope: LogScope,
): Promise<void> {
  switch (scope.kind) {
    case "repository":
      return await rights.require(actor, "repository.admin", { repository: scope.repository });
    case "organization":
      return await rights.require(actor, "organization.admin", { organization: scope.namespace });
    case "user":
      await rights.require(actor, "self.admin");
      if (actor.kind === "account" && actor.accountId === scope.namespace.id) return;
      return requireSuperuser(actor);
    case "registry":
      return await rights.require(actor, "superuser");
  }
}

/** The same for the statements that read it. */
export function entryScope(scope: LogScope): EntryScope {
  if (scope.kind === "registry") return undefined;
  return scope.kind === "repository"
    ? { repositoryId: scope.repository.id }
    : { namespaceId: scope.namespace.id };
}
