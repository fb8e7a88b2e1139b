import type { Administration } from "../../accounts/admin/administration.ts";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { DeletedRepository } from "./deleted-repository-store.ts";
import { unknownDeleted } from "./grace-period.ts";

/**
 * Whoever would have the role admin if the repository was there may restore it or end it.
 *
 * @throws {RegistryError} `NOT_FOUND`: nobody else is told that there was one
 */
export async function requireFormerAdmin(
  { rights, permissions }: Pick<Administration, "rights" | "permissions">,
  actor: Actor,
  repository: DeletedRepository,
): Promise<void> {
  await rights.require(actor, "repository.restore");
  if (actor.kind === "operator") return;
  if ((await permissions.roleOn(actor, repository)) !== "admin") throw unknownDeleted();
}
