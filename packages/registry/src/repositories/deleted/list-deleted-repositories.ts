import { findAccountByName } from "../../accounts/account-store.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { Administration } from "../../accounts/admin/administration.ts";
import { findTagWindow } from "../tag-store.ts";
import { listDeleted } from "./deleted-repository-store.ts";
import type { DeletedRepository } from "./deleted-repository-store.ts";

/** A deleted repository, as a list of them tells of it. */
export interface ListedDeletedRepository extends DeletedRepository {
  /** Milliseconds since 1970. */
  readonly restorableUntil: number;
  /** Bytes that it keeps, as last measured. */
  readonly pendingBytes: number;
}

/**
 * Deleted repositories of a namespace that the actor may restore, the last deleted first: all of them for its admins,
 * for others those that they had the role admin on. Nothing for a namespace that does not exist.
 *
 * @param namespace undefined: that of the actor
 * @throws {RegistryError} `DENIED`, `UNAUTHORIZED`
 */
export async function listDeletedRepositories(
  administration: Administration,
  actor: Actor,
  namespace: string | undefined,
  page: {
    readonly before: { readonly deletedAt: number; readonly id: number } | undefined;
    readonly limit: number;
  },
): Promise<ListedDeletedRepository[]> {
  const { database, rights, permissions, config, now } = administration;
  await rights.require(actor, "repository.restore");
  const name = namespace ?? (actor.kind === "account" ? actor.name : "");
  const account = /^[a-z0-9._-]{1,255}$/.test(name)
    ? await findAccountByName(database.read, name)
    : undefined;
  if (account === undefined) return [];
  const isAdmin = actor.kind === "operator" || (await permissions.isNamespaceAdmin(actor, account));
  const grace = await findTagWindow(database.read, account.id, config.collection.tagExpiration);
  const listed = await listDeleted(database.read, account.id, {
    ...page,
    since: now() - grace,
    administratedBy: isAdmin || actor.kind !== "account" ? undefined : actor.accountId,
    only: actor.kind === "account" ? actor.repositories : undefined,
  });
  return listed.map((repository) => ({
    ...repository,
    restorableUntil: repository.deletedAt + grace,
    pendingBytes: repository.pendingBytes ?? 0,
  }));
}
