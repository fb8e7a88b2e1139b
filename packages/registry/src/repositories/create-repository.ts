import { findAccountByName } from "../accounts/account-store.ts";
import type { Actor } from "../accounts/admin/actor.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import { namespaceOfRobot } from "../accounts/account-name.ts";
import { missingNamespace } from "../accounts/permissions.ts";
import type { Permissions } from "../accounts/permissions.ts";
import type { Caller } from "../accounts/caller.ts";
import { withOrigin } from "../accounts/principal.ts";
import type { Principal } from "../accounts/principal.ts";
import type { Database } from "../database/database.ts";
import { RegistryError } from "../http/registry-error.ts";
import { makeRepository } from "./make-repository.ts";
import { namespaceOf, toRepositoryName } from "./repository-name.ts";
import type { RepositoryName } from "./repository-name.ts";
import type { Repository } from "./repository.ts";
import { findByName } from "./repository-store.ts";

/** What the API asks for. */
export interface RepositoryWish {
  /** Undefined: that of the actor. */
  readonly namespace: string | undefined;
  /** Within the namespace; may have slashes. */
  readonly name: string;
  /** Undefined: as for repositories that a push creates. */
  readonly visibility: Repository["visibility"] | undefined;
  readonly description: string;
}

/**
 * Creates a repository.
 *
 * @throws {RegistryError} `DENIED`, `NAME_INVALID`, `NAME_UNKNOWN` for the namespace; `CONFLICT`, 400, when there is one
 *   of that name
 */
export async function createRepository(
  { database, rights, permissions, config, now }: Administration,
  actor: Actor,
  wish: RepositoryWish,
): Promise<Repository> {
  await rights.require(actor, "repository.create");
  const name = nameOf(actor, wish);
  const visibility = wish.visibility ?? config.registry.createdByPush;
  const namespaceName = namespaceOf(name);
  const isAnywhere =
    actor.kind === "operator" ||
    (actor.kind === "account" && actor.isSuperuser && actor.repositories === undefined);
  const mayCreate =
    isAnywhere || (actor.kind === "account" && (await permissions.mayCreateIn(actor, name)));
  if (!mayCreate) {
    throw new RegistryError("DENIED", `you may not create repositories in ${namespaceName}`, {
      detail: { field: "namespace" },
    });
  }
  const made = await database.transaction(async (trx) => {
    const namespace = await findAccountByName(trx, namespaceName);
    if (namespace === undefined || namespace.kind === "robot") throw missingNamespace(name);
    const { description } = wish;
    return await makeRepository(trx, actor, { name, namespace, visibility, description }, now());
  });
  if (made !== undefined) return made;
  throw new RegistryError("CONFLICT", "Repository already exists", {
    status: 400,
    detail: { field: "repository", name },
  });
}

function nameOf(actor: Actor, wish: RepositoryWish): RepositoryName {
  const own = actor.kind === "account" ? (namespaceOfRobot(actor.name) ?? actor.name) : undefined;
  const namespace = wish.namespace ?? own;
  if (namespace === undefined || namespace.includes("/")) {
    throw new RegistryError("PARAMETER_INVALID", "namespace: must be a user or organization", {
      detail: { field: "namespace" },
    });
  }
  const name = toRepositoryName(`${namespace}/${wish.name}`);
  if (name !== undefined) return name;
  throw new RegistryError(
    "NAME_INVALID",
    "repository: must be lower-case letters and digits in components separated by `/`, within a component separated by one `.`, one or two `_`, or any number of `-`; at most 255 characters with the namespace",
    { detail: { field: "repository" } },
  );
}

export interface CreateByPushOptions {
  readonly database: Database;
  readonly permissions: Permissions;
  /** `config.registry.createdByPush` */
  readonly visibility: Repository["visibility"];
  readonly now?: () => number;
}

/**
 * The repository of a first push, made now; of two first pushes at the same time one makes it.
 *
 * @throws {RegistryError} as `Permissions.authorize`; `NAME_UNKNOWN` when the namespace does not exist
 */
export async function createRepositoryByPush(
  options: CreateByPushOptions,
  caller: Caller,
  principal: Principal,
  name: RepositoryName,
): Promise<Repository> {
  const { database, permissions, visibility, now = Date.now } = options;
  await permissions.authorize({ caller, principal, action: "push", repository: undefined, name });
  const actor = withOrigin(principal, caller);
  const { repository, isNew } = await database.transaction(async (trx) => {
    const namespace = await findAccountByName(trx, namespaceOf(name));
    if (namespace === undefined || namespace.kind === "robot") throw missingNamespace(name);
    const wish = { name, namespace, visibility, description: "" };
    const made = await makeRepository(trx, actor, wish, now());
    return { repository: made ?? (await findByName(trx, name)), isNew: made !== undefined };
  });
  // Somebody else's first push was faster: their repository has its own rights.
  if (!isNew) {
    await permissions.authorize({ caller, principal, action: "push", repository, name });
  }
  if (repository !== undefined) return repository;
  throw new RegistryError("UNAVAILABLE", `${name} was deleted while it was made; try again`, {
    headers: { "Retry-After": "1" },
  });
}
